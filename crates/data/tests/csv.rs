use adflux_core::Categories;
use adflux_data::{ColumnKind, Frame};

fn read(text: &str) -> adflux_core::Result<Frame> {
    Frame::read_csv_bytes(text.as_bytes(), "ads.csv")
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
    text.push_str("n.a.\n");
    assert_eq!(read(&text).unwrap().kind_of("x").unwrap(), ColumnKind::Text);
    assert_eq!(
        read(&text).unwrap().numbers("x").unwrap_err().to_string(),
        "column `x`, row 2001: `n.a.` where a number is wanted"
    );
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

#[test]
fn byte_order_marks_are_no_part_of_a_name() {
    for text in ["\u{feff}\u{feff}a,b\n1,2\n", "\"\u{feff}a\",b\n1,2\n"] {
        let frame = read(text).unwrap();
        assert_eq!(frame.names().collect::<Vec<_>>(), ["a", "b"]);
        let mut written = Vec::new();
        frame.write_csv_to(&mut written).unwrap();
        assert_eq!(written, b"a,b\n1,2\n");
    }
}

#[test]
fn a_first_field_that_begins_like_a_mark_is_text() {
    for (text, first) in [
        ("formula,n\nx^2,1\ny,2\n", "x^2"),
        ("formula\r\nx^2\r\ny\r\n", "x^2"),
        ("formula\nx^\ny\n", "x^"),
        ("formula\nx\u{1}\ny", "x\u{1}"),
        ("formula\n\u{feff}\ny", "\u{feff}"),
        ("formula;n\n\"x^;\";1\ny;2\n", "x^;"),
    ] {
        assert_eq!(&read(text).unwrap().texts("formula").unwrap()[..], [first, "y"], "{text:?}");
    }
}

#[test]
fn digits_that_a_number_would_not_give_back_stay_text() {
    for column in [
        &["12345678901234567890", "1"][..],
        &["-12345678901234567890", "0.5"],
        &["01", "02"],
        &["00001", "28001"],
        &["00", "7.5"],
    ] {
        let frame = read(&format!("id,n\n{},1\n{},2\n", column[0], column[1])).unwrap();
        assert_eq!(frame.kind_of("id").unwrap(), ColumnKind::Text, "{column:?}");
        assert_eq!(frame.texts("id").unwrap()[..], *column);
    }
    for column in [["0", "10"], ["0.5", "-0.25"], ["-0", "0"], ["9223372036854775807", "1"], ["1e20", "0.0"]] {
        let frame = read(&format!("x\n{}\n{}\n", column[0], column[1])).unwrap();
        assert_eq!(frame.kind_of("x").unwrap(), ColumnKind::Number, "{column:?}");
    }
    let large = Frame::builder().numbers("x", vec![1e19, 123456789012345678901.0, 0.5]).build().unwrap();
    let mut written = Vec::new();
    large.write_csv_to(&mut written).unwrap();
    assert_eq!(Frame::read_csv_bytes(&written, "x").unwrap().numbers("x").unwrap(), large.numbers("x").unwrap());
}

#[test]
fn a_refusal_is_one_line_whatever_the_cell_holds() {
    let error = read("x\n\"a\nb\u{1b}[1m\"\n1\n").unwrap().numbers("x").unwrap_err().to_string();
    assert_eq!(error, "column `x`, row 1: `a\\nb\\u{1b}[1m` where a number is wanted");
}

#[test]
fn a_written_header_is_read_again_whatever_the_names() {
    for names in [["a;b;c", "d"], ["spend\tUSD\t", "\"x\""], ["PAR1", "%PDF"], ["%PDF", "a\nb"], ["x^2", "y"]] {
        let frame = Frame::builder().integers(names[0], vec![1]).integers(names[1], vec![2]).build().unwrap();
        let mut written = Vec::new();
        frame.write_csv_to(&mut written).unwrap();
        let back = Frame::read_csv_bytes(&written, "written.csv").unwrap();
        assert_eq!(back.names().collect::<Vec<_>>(), names.map(str::trim));
        assert_eq!(back.numbers(names[1]).unwrap(), [2.0]);
    }
}

#[test]
fn markers_are_missing_beside_numbers_and_text_beside_text() {
    let text = b"n,x,live,country,name\n1,NA,true,NA,None\nn/a,0.5,-,CO,Ana\n3,N/D,NULL,ES,Luis\n-,-,false,MX,-\n";
    let frame = Frame::read_csv_bytes(text, "a.csv").unwrap();
    let missing = ["n", "x", "live", "country", "name"].map(|name| frame.missing_in(name).unwrap());
    assert_eq!(missing, [2, 3, 2, 0, 0]);
    assert_eq!(frame.kind_of("n").unwrap(), ColumnKind::Number);
    assert_eq!(frame.kind_of("live").unwrap(), ColumnKind::Boolean);
    assert_eq!(frame.texts("name").unwrap()[..], ["None", "Ana", "Luis", "-"]);
    let markers = Frame::read_csv_bytes(b"a,b\nNA,1\nNone,2\n", "b.csv").unwrap();
    assert_eq!(markers.texts("a").unwrap()[..], ["NA", "None"], "without a number they are text");
    assert!(markers.numbers("a").unwrap().iter().all(|v| v.is_nan()), "and missing where numbers are asked for");
}
