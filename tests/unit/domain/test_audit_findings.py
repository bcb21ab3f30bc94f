from app.domain.audit_findings import Finding, Findings


def test_of_many_findings_all_are_counted_and_those_of_the_lowest_sequences_kept() -> None:
    findings = Findings()
    findings.add("the whole log")
    for sequence in reversed(range(1000)):
        findings.add("a record", sequence)
    assert findings.count == 1001
    assert findings.first == tuple(Finding("a record", sequence) for sequence in range(20))


def test_findings_of_the_log_as_a_whole_come_last() -> None:
    findings = Findings()
    findings.add("the whole log")
    findings.add("a record", 7)
    assert findings.first == (Finding("a record", 7), Finding("the whole log"))
