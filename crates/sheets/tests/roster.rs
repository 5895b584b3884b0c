//! The roster: what is planted is found, where it was planted, and nothing else is.

use sheets::specimen::{KINDS, Planted, Specimen};
use sheets::{FaultKind, check_roster};

#[test]
fn a_hundred_and_thirty_seven_planted_faults_are_found_and_nothing_else_is() {
    let specimen = Specimen::new(10_000, 137, 20_260_060).unwrap();
    assert!(KINDS.len() >= 20);
    let running = |number: &str| specimen.is_running(number);
    let check = check_roster(&specimen.workbook, &specimen.context(&running)).unwrap();
    assert_eq!(check.rows_read, 10_000);
    let found: Vec<_> = check
        .findings
        .iter()
        .map(|finding| Planted { row: finding.row, column: finding.column.clone(), kind: finding.kind })
        .collect();
    for planted in &specimen.planted {
        assert!(found.contains(planted), "not found: {planted:?}");
    }
    for finding in &check.findings {
        let place = Planted { row: finding.row, column: finding.column.clone(), kind: finding.kind };
        assert!(specimen.planted.contains(&place), "not planted: {finding:?}");
        assert!(!finding.reason.is_empty() && !finding.remedy.is_empty() && !finding.ground.is_empty(), "{finding:?}");
    }
    assert_eq!(found.len(), 137);
    let kept_out = check.findings.iter().filter(|finding| finding.is_fault()).count();
    assert_eq!(check.good.len(), 10_000 - kept_out);
    assert!(check.good.iter().all(|row| row.condition == "N4-3"));
    let duplicate = check.findings.iter().find(|f| f.kind == FaultKind::DuplicateInFile).unwrap();
    assert!(duplicate.reason.contains("第4行"), "{duplicate:?}");
}
