//! Tables and pipelines that are not as they should be: one line that says what to do, or a right answer; never a panic.

use crate::{adflux, err, fails, text, wrong};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Runs `command` on a file of `bytes`, and gives what it said when it failed, the file called `t.csv`.
fn said(command: &[&str], bytes: &[u8]) -> Result<(), String> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("t.csv");
    std::fs::write(&file, bytes).unwrap();
    let arguments: Vec<&str> = command.iter().map(|a| if *a == "t.csv" { text(&file) } else { a }).collect();
    let said = match adflux(&arguments).status.code() {
        Some(0) => return Ok(()),
        Some(2) => wrong(&arguments),
        _ => fails(&arguments),
    };
    Err(said.replace(text(&file), "t.csv"))
}

const TRAIN: [&str; 4] = ["train", "t.csv", "--target", "y"];
const SEGMENT: [&str; 2] = ["segment", "t.csv"];

/// `rows` rows of `y`, two numbers and a text, each cell from `cell(row, column)`.
fn csv(rows: usize, cell: impl Fn(usize, usize) -> String) -> Vec<u8> {
    let mut out = String::from("y,a,b,c\n");
    for row in 0..rows {
        let cells: Vec<String> = (0..4).map(|column| cell(row, column)).collect();
        out.push_str(&format!("{}\n", cells.join(",")));
    }
    out.into_bytes()
}

fn plain(row: usize, column: usize) -> String {
    match column {
        3 => ["red", "green", "blue"][row % 3].into(),
        _ => format!("{}.5", (row * (column + 3)) % 11),
    }
}

/// The table of [`plain`] with another `column`.
fn with(column: usize, cell: impl Fn(usize) -> String) -> Vec<u8> {
    csv(60, |r, c| if c == column { cell(r) } else { plain(r, c) })
}

#[test]
fn the_plain_table_is_fine() {
    assert_eq!(said(&TRAIN, &csv(60, plain)), Ok(()));
    assert_eq!(said(&SEGMENT, &csv(60, plain)), Ok(()));
}

#[test]
fn files_that_are_no_table_are_named() {
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("empty", Vec::new(), "t.csv: the file is empty"),
        ("blank", b"\n\n\n".to_vec(), "t.csv: the file is empty"),
        ("header only", b"y,a,b,c\n".to_vec(), "t.csv: "),
        ("duplicate columns", b"y,a,a\n1,2,3\n4,5,6\n".to_vec(), "`a`"),
        ("a quote that stays open", b"y,a\n1,\"open\n2,3\n4,5\n".to_vec(), "t.csv: "),
        ("more fields than the header", b"y,a\n1,2\n3,4,5\n".to_vec(), "t.csv: "),
        ("Latin-1", b"y,a\n1,Bogot\xe1\n2,M\xe9xico\n".to_vec(), "UTF-8"),
        ("UTF-16", b"\xff\xfey\0,\0a\0\n\0".to_vec(), "UTF-8"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01".to_vec(), "t.csv: "),
    ];
    for (what, bytes, says) in cases {
        for command in [&TRAIN[..], &SEGMENT] {
            let said = said(command, &bytes).expect_err(what);
            assert!(said.contains(says) && said.contains("t.csv"), "{what}: {said}");
        }
    }
}

#[test]
fn one_row_is_too_few_and_said_so() {
    for command in [&TRAIN[..], &SEGMENT] {
        let said = said(command, &csv(1, plain)).unwrap_err();
        assert!(said.contains("row") || said.contains("one value"), "{said}");
    }
}

#[test]
fn columns_without_values_are_left_out() {
    assert_eq!(said(&TRAIN, &with(1, |_| String::new())), Ok(()));
    assert_eq!(said(&SEGMENT, &with(1, |_| String::new())), Ok(()));
    assert_eq!(said(&TRAIN, &with(3, |_| "same".into())), Ok(()));
    let all = csv(20, |_, c| if c == 0 { "1".into() } else { String::new() });
    for command in [&TRAIN[..], &SEGMENT] {
        let said = said(command, &all).unwrap_err();
        assert!(said.contains("t.csv") && said.contains("has no values"), "{said}");
    }
}

#[test]
fn targets_that_cannot_be_predicted_say_why() {
    let says = |bytes: Vec<u8>, more: &[&str]| said(&[&TRAIN[..], more].concat(), &bytes).unwrap_err();
    let constant = says(with(0, |_| "7".into()), &[]);
    assert!(constant.contains("`y`") && constant.contains("one value"), "{constant}");
    let class = says(with(0, |_| "yes".into()), &[]);
    assert!(class.contains("`y`") && class.contains("one value"), "{class}");
    let words = says(with(0, |r| format!("word{}", r % 4)), &["--task", "regression"]);
    assert!(words.contains("`y`") && words.contains("regression"), "{words}");
    let hole = says(with(0, |r| if r == 4 { String::new() } else { plain(r, 0) }), &[]);
    assert!(hole.contains("column `y`, row 5") && hole.contains("missing"), "{hole}");
}

#[test]
fn numbers_that_are_none_are_missing_or_refused_with_their_row() {
    // NaN written out is a missing value, and the imputer fills it.
    assert_eq!(said(&TRAIN, &with(1, |r| if r == 7 { "NaN".into() } else { plain(r, 1) })), Ok(()));
    for infinite in ["inf", "-inf"] {
        let table = with(1, |r| if r == 7 { infinite.into() } else { plain(r, 1) });
        for command in [&TRAIN[..], &SEGMENT] {
            let said = said(command, &table).unwrap_err();
            assert!(said.contains("column `a`, row 8"), "{said}");
        }
    }
}

#[test]
fn ten_thousand_categories_are_no_feast_of_columns() {
    let many = csv(12_000, |r, c| if c == 3 { format!("city{}", r % 10_000) } else { plain(r, c) });
    assert_eq!(said(&[&TRAIN[..], &["--param", "n_estimators=5"]].concat(), &many), Ok(()));
    assert_eq!(said(&[&SEGMENT[..], &["-k", "2"]].concat(), &many), Ok(()));
}

#[test]
fn an_unknown_column_suggests_the_nearest() {
    for option in ["--include", "--exclude", "--sensitive", "--allow", "--id"] {
        for command in [&TRAIN[..], &SEGMENT] {
            let table = String::from_utf8(csv(20, plain)).unwrap().replacen("y,a,b,c", "y,a,b,budget", 1);
            let said = said(&[command, &[option, "budgett"]].concat(), table.as_bytes()).unwrap_err();
            assert!(said.contains("missing column `budgett` (did you mean `budget`?)"), "{option}: {said}");
        }
    }
}

/// A small trained pipeline and the table it learned from.
struct Trained {
    folder: TempDir,
    table: PathBuf,
    model: PathBuf,
}

impl Trained {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let (table, model) = (folder.path().join("t.csv"), folder.path().join("m.adflux"));
        std::fs::write(&table, csv(60, plain)).unwrap();
        let trained = ["train", text(&table), "--target", "y", "--param", "n_estimators=3", "-o", text(&model)]
            .map(str::to_string);
        let done = adflux(&trained.each_ref().map(String::as_str));
        assert!(done.status.success(), "{}", err(&done));
        Trained { folder, table, model }
    }

    fn predict(&self, model: &Path) -> Result<(), String> {
        let arguments = ["predict", text(model), text(&self.table)];
        if adflux(&arguments).status.success() { Ok(()) } else { Err(fails(&arguments)) }
    }

    fn broken(&self, bytes: &[u8]) -> String {
        let path = self.folder.path().join("broken.adflux");
        std::fs::write(&path, bytes).unwrap();
        let said = self.predict(&path).unwrap_err();
        assert!(said.contains("broken.adflux"), "{said}");
        said
    }
}

#[test]
fn pipelines_that_cannot_be_read_are_named() {
    let trained = Trained::new();
    let bytes = std::fs::read(&trained.model).unwrap();
    assert_eq!(trained.predict(&trained.model), Ok(()));
    for keep in [0, 1, 100, bytes.len() / 2, bytes.len() - 1] {
        let said = trained.broken(&bytes[..keep]);
        assert!(said.contains("damaged") || said.contains("empty"), "{keep}: {said}");
    }
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    assert!(trained.broken(&flipped).contains("damaged"));
    assert!(trained.broken(b"y,a\n1,2\n").contains("damaged"));
    let said = trained.predict(Path::new("no/such.adflux")).unwrap_err();
    assert!(said.starts_with("no/such.adflux: "), "{said}");
    // The arguments the wrong way round.
    let said = fails(&["predict", text(&trained.table), text(&trained.model)]);
    assert!(said.contains("t.csv"), "{said}");
}

#[test]
fn rows_that_do_not_fit_the_pipeline_are_named() {
    let trained = Trained::new();
    let predict = |table: &str| {
        let file = trained.folder.path().join("new.csv");
        std::fs::write(&file, table).unwrap();
        fails(&["predict", text(&trained.model), text(&file)])
    };
    let said = predict("a,x\n1.5,2\n");
    assert!(said.contains("new.csv: missing columns `b`, `c`"), "{said}");
    let said = predict("a,b,c\n1.5,many,red\n");
    assert!(said.contains("column `b`, row 1") && said.contains("many"), "{said}");
    // A level that training did not have is no error.
    let file = trained.folder.path().join("new.csv");
    std::fs::write(&file, "c,b,a,more\nviolet,1,2,3\n").unwrap();
    let done = adflux(&["predict", text(&trained.model), text(&file)]);
    assert!(done.status.success(), "{}", err(&done));
}

#[test]
fn a_place_that_cannot_be_written_is_found_out_and_named() {
    let trained = Trained::new();
    let (model, table) = (text(&trained.model), text(&trained.table));
    let inside = trained.folder.path().join("t.csv/out.csv");
    let pipeline = trained.folder.path().join("t.csv/out.adflux");
    for arguments in [
        ["predict", model, table, "-o", text(&inside)].to_vec(),
        ["segment", table, "-o", text(&inside)].to_vec(),
        ["segment", table, "--model", text(&pipeline)].to_vec(),
        ["train", table, "--target", "y", "-o", text(&pipeline)].to_vec(),
    ] {
        assert!(fails(&arguments).contains("t.csv/out."), "{arguments:?}");
    }
    let said = fails(&["predict", model, table, "-o", "out.xlsx"]);
    assert!(said.starts_with("out.xlsx: ") && said.contains(".csv"), "{said}");
    // Not over what is read.
    for arguments in
        [["train", table, "--target", "y", "-o", table].to_vec(), ["predict", model, table, "-o", table].to_vec()]
    {
        assert!(fails(&arguments).contains("t.csv: "), "{arguments:?}");
    }
    assert!(wrong(&["segment", table, "-o", table]).contains("t.csv: "));
    assert_eq!(std::fs::read(&trained.table).unwrap(), csv(60, plain), "the input is as it was");
}

#[test]
fn later_files_are_read_as_the_first_was() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let zips = ["01", "02", "AB", "TRUE", "1.50"];
    let mut csv = String::from("y,zip\n");
    (0..100).for_each(|i| csv.push_str(&format!("{},{}\n", 10 * (i % 5) + i % 3, zips[i % 5])));
    std::fs::write(path("t.csv"), csv).unwrap();
    let (table, model) = (path("t.csv"), path("m.adflux"));
    let done = adflux(&["train", text(&table), "--target", "y", "--task", "regression", "-o", text(&model)]);
    assert!(done.status.success(), "{}", err(&done));
    let predict = |rows: &[&str]| -> Vec<String> {
        let file = path("new.csv");
        std::fs::write(
            &file,
            format!("zip,other\n{}\n", rows.iter().map(|r| format!("{r},1")).collect::<Vec<_>>().join("\n")),
        )
        .unwrap();
        let done = adflux(&["predict", text(&model), text(&file)]);
        crate::out(&done).lines().skip(1).map(str::to_string).collect()
    };
    let together = predict(&zips);
    let alone: Vec<String> = zips.iter().flat_map(|zip| predict(&[zip])).collect();
    assert_eq!(together, alone);
    assert!(together[0] != together[1] && together[3] != together[4], "{together:?}");
}

#[test]
fn a_wide_table_is_no_stack_without_end() {
    let mut csv = String::from("y");
    (0..1500).for_each(|c| csv.push_str(&format!(",x{c}")));
    csv.push('\n');
    for row in 0..40 {
        csv.push_str(&row.to_string());
        (0..1500).for_each(|c| csv.push_str(&format!(",{}.5", (row * 7 + c * 13) % 101)));
        csv.push('\n');
    }
    let few = ["--param", "n_estimators=3"];
    assert_eq!(said(&[&TRAIN[..], &few].concat(), csv.as_bytes()), Ok(()));
}

#[test]
fn rows_are_those_of_the_file_and_columns_those_of_the_user() {
    let weights = with(1, |r| if r == 44 { "-1.5".into() } else { "1.5".into() });
    let says = said(&[&TRAIN[..], &["--weight", "a"]].concat(), &weights).unwrap_err();
    assert!(says.starts_with("t.csv: column `a`, row 45: "), "{says}");
    let days = with(3, |r| format!("{:02}/12/2024", 1 + r % 28));
    let says = said(&[&TRAIN[..], &["--time", "c"]].concat(), &days).unwrap_err();
    assert!(says.contains("column `c`, row 1") && says.contains("2024-12-31"), "{says}");
    let proxy = with(3, |r| format!("team{}", (r / 2) % 3));
    let proxy = String::from_utf8(proxy).unwrap().replacen("y,a,b,c", "y,a,b,team", 1);
    assert_eq!(said(&[&TRAIN[..], &["--group", "team", "--sensitive", "team"]].concat(), proxy.as_bytes()), Ok(()));
}

#[test]
fn test_rows_of_one_class_or_of_one_row_are_no_failure() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let classes = with(0, |r| if r % 3 == 0 { "yes".into() } else { "no".into() });
    std::fs::write(path("t.csv"), &classes).unwrap();
    for (name, rows) in [("one.csv", "yes,1.5,2.5,red\n"), ("same.csv", "no,1.5,2.5,red\nno,2.5,3.5,blue\n")] {
        std::fs::write(path(name), format!("y,a,b,c\n{rows}")).unwrap();
        let (table, test, model) = (path("t.csv"), path(name), path("m.adflux"));
        let done = adflux(&["train", text(&table), "--target", "y", "--test", text(&test), "-o", text(&model)]);
        assert!(done.status.success() && model.exists(), "{}", err(&done));
    }
}
