use adflux_core::Categories;
use adflux_data::{ColumnKind, Frame};

fn read(text: &str) -> adflux_core::Result<Frame> {
    Frame::read_csv_bytes(text.as_bytes(), "ads.csv")
}

fn refusal(bytes: &[u8]) -> String {
    Frame::read_csv_bytes(bytes, "ads.csv").unwrap_err().to_string()
}

#[test]
fn comma_semicolon_and_tab_give_the_same_frame() {
    for separator in [",", ";", "\t"] {
        let text = "city,ctr,live\n\"Bogotá\",0.5,true\nMadrid,,false\n".replace(',', separator);
        let frame = read(&text).unwrap();
        assert_eq!(frame.names().collect::<Vec<_>>(), ["city", "ctr", "live"]);
        assert_eq!(&frame.texts("city").unwrap()[..], ["Bogotá", "Madrid"]);
        assert_eq!(frame.kind_of("live").unwrap(), ColumnKind::Boolean);
        let ctr = frame.numbers("ctr").unwrap();
        assert!(ctr[0] == 0.5 && ctr[1].is_nan());
        assert_eq!(frame.missing_in("ctr").unwrap(), 1);
    }
}

#[test]
fn separators_and_line_ends_inside_quotes_are_text() {
    let frame = read("title,n\r\n\"a, \"\"b\"\"\nc\",1\r\n").unwrap();
    assert_eq!(&frame.texts("title").unwrap()[..], ["a, \"b\"\nc"]);
    assert_eq!(frame.rows(), 1);
}

#[test]
fn a_type_that_changes_after_many_rows_is_seen() {
    let mut text = String::from("x\n");
    (0..2000).for_each(|i| text.push_str(&format!("{i}\n")));
    text.push_str("n/a\n");
    assert_eq!(read(&text).unwrap().kind_of("x").unwrap(), ColumnKind::Text);
    assert_eq!(
        read(&text).unwrap().numbers("x").unwrap_err().to_string(),
        "column `x`, row 2001: `n/a` where a number is wanted"
    );
}

#[test]
fn broken_files_are_refused_in_one_line_that_names_the_file() {
    assert!(refusal(b"").contains("ads.csv: the file is empty"));
    assert!(refusal(b"a,b\n").contains("ads.csv: a header line and no rows"));
    assert!(refusal(b"a,b,a\n1,2,3\n").starts_with("column `a`: stands twice in the header of ads.csv"));
    assert!(refusal(b"city\nBogot\xe1\n").contains("ads.csv: line 2 is not UTF-8"));
    let ragged = refusal(b"a,b\n1,2\n1,2,3\n");
    assert!(ragged.starts_with("ads.csv: not readable as CSV") && !ragged.contains('\n'), "{ragged}");
    let absent = Frame::read_csv("no/such/file.csv").unwrap_err().to_string();
    assert!(absent.starts_with("no/such/file.csv: "), "{absent}");
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let frame = Frame::builder()
        .optional_texts("city", [Some("A, \"B\""), None])
        .numbers("ctr", vec![0.1 + 0.2, 1e-300])
        .integers("n", vec![i64::MAX, -1])
        .build()
        .unwrap();
    frame.write_csv(&path).unwrap();
    let back = Frame::read_csv(&path).unwrap();
    assert_eq!(back.numbers("ctr").unwrap(), frame.numbers("ctr").unwrap());
    assert_eq!(back.categories("city").unwrap().codes, [0, Categories::MISSING]);
    assert_eq!(back.schema(), frame.schema());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the file");
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing-folder").join("out.csv");
    let frame = Frame::builder().numbers("x", vec![1.0]).build().unwrap();
    assert!(frame.write_csv(&path).unwrap_err().to_string().contains("out.csv: "));
}
