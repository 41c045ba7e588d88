//! Several files as one table.

use adflux_data::{ColumnKind, Frame, matching_files};
use std::path::Path;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What is said, without the folder.
fn refusal(folder: &Path, pattern: &str) -> String {
    let message = Frame::read(folder.join(pattern)).unwrap_err().to_string();
    message.replace(&format!("{}/", folder.display()), "")
}

#[test]
fn files_that_match_are_one_table_in_the_order_of_their_names() {
    let folder = folder(&[
        ("2026-02.csv", "zip;n;id\n01;7;B\n"),
        ("2026-01.csv", "id,n,zip\n1,2.5,3\n2,,4\n"),
        ("2025-12.csv", "other\n1\n"),
    ]);
    let frame = Frame::read(folder.path().join("2026-*.csv")).unwrap();
    assert_eq!(frame.names().collect::<Vec<_>>(), ["id", "n", "zip"]);
    // The second file makes both text, in the rows of the first too.
    assert_eq!(frame.texts("zip").unwrap()[..], ["3", "4", "01"]);
    assert_eq!(frame.texts("id").unwrap()[..], ["1", "2", "B"]);
    let n = frame.numbers("n").unwrap();
    assert!(n[0] == 2.5 && n[1].is_nan() && n[2] == 7.0);
    assert_eq!(frame.kind_of("n").unwrap(), ColumnKind::Number);
    assert_eq!(matching_files(folder.path().join("2026-0[12].csv")).unwrap().len(), 2);
}

#[test]
fn lines_of_json_from_several_files_share_their_columns() {
    let folder = folder(&[("a.ndjson", "{\"a\":1}\n"), ("b.ndjson", "{\"b\":\"x\",\"a\":2}\n{\"a\":3}")]);
    let frame = Frame::read(folder.path().join("?.ndjson")).unwrap();
    assert_eq!((frame.numbers("a").unwrap(), frame.missing_in("b").unwrap()), (vec![1.0, 2.0, 3.0], 2));
}

#[test]
fn what_differs_is_named_by_file_and_column() {
    let folder = folder(&[
        ("ads-1.csv", "a,b\n1,2\n"),
        ("ads-2.csv", "a\n1\n"),
        ("ads-3.csv", "b,a,c\n1,2,3\n"),
        ("bad-1.csv", "a\n1\n"),
        ("bad-2.csv", "a\n1,2\n"),
        ("mixed.csv", "a\n1\n"),
        ("mixed.ndjson", "{\"a\":1}\n"),
        ("empty-1.ndjson", "{\"a\":1}\n"),
        ("empty-2.ndjson", "\n"),
    ]);
    let said = |pattern| refusal(folder.path(), pattern);
    assert_eq!(said("ads-[12].csv"), "ads-2.csv: column `b`: is missing here, where ads-1.csv has it");
    assert_eq!(said("ads-[13].csv"), "ads-3.csv: column `c`: ads-1.csv does not have it");
    assert!(said("bad-*.csv").starts_with("bad-2.csv: line 2: 2 fields"));
    assert!(said("mixed.*").starts_with("mixed.ndjson: another format than that of mixed.csv"));
    assert!(said("empty-*").starts_with("empty-2.ndjson: the file has no rows"));
    assert_eq!(said("none-*.csv"), "none-*.csv: no file matches this pattern");
    assert!(said("a[.csv").starts_with("a[.csv: no pattern of file names: "));
    assert!(said("absent.csv").contains("No such file"));
}

#[test]
fn a_file_of_this_name_goes_before_a_pattern() {
    let folder = folder(&[("ads[1].csv", "a\n1\n"), ("ads1.csv", "b\n1\n")]);
    let frame = Frame::read(folder.path().join("ads[1].csv")).unwrap();
    assert_eq!(frame.names().collect::<Vec<_>>(), ["a"]);
}
