//! The report of a table.

use adflux_data::{ColumnKind, Frame};

fn report(csv: &str) -> adflux_data::DataReport {
    Frame::read_csv_bytes(csv.as_bytes(), "ads.csv").unwrap().report().unwrap()
}

#[test]
fn columns_are_what_they_hold() {
    let report = report("n,x,t,b,e,c\n1,0.5,META,true,,7\n2,NaN,GOOGLE,false,,7\n2,1.5,META,true,,7\n3,,,,,7\n");
    let kinds: Vec<_> = report.columns.iter().map(|c| (c.kind, c.missing, c.distinct, c.constant)).collect();
    use ColumnKind::{Boolean, Number, Text};
    assert_eq!(
        kinds,
        [
            (Number, 0, 3, false),
            (Number, 2, 2, false),
            (Text, 1, 2, false),
            (Boolean, 1, 2, false),
            (Text, 4, 0, true),
            (Number, 0, 1, true)
        ]
    );
    let levels =
        |place: usize| report.columns[place].levels.iter().map(|l| (l.value.as_str(), l.rows)).collect::<Vec<_>>();
    assert_eq!(levels(0), [("2", 2), ("1", 1), ("3", 1)]);
    assert_eq!(levels(1), []);
    assert_eq!(levels(2), [("META", 2), ("GOOGLE", 1)]);
    assert_eq!(levels(3), [("true", 2), ("false", 1)]);
    assert_eq!(report.columns[1].missing_share, 0.5);
    assert!(report.columns[4].numbers.is_none() && report.duplicates == 0);
}

#[test]
fn numbers_are_summed_up_as_numpy_and_tukey_do() {
    let mut values: Vec<f64> = (1..=9).map(f64::from).collect();
    values.extend([100.0, -100.0, f64::INFINITY, f64::NAN]);
    let frame = Frame::builder().numbers("x", values).build().unwrap();
    let x = frame.report().unwrap().columns.remove(0).numbers.unwrap();
    // numpy.quantile([-100, 1..9, 100], [0.25, 0.5, 0.75]) and numpy.std(ddof=1)
    assert_eq!((x.min, x.q1, x.median, x.q3, x.max), (-100.0, 2.5, 5.0, 7.5, 100.0));
    assert_eq!((x.outliers, x.infinite), (2, 1));
    assert!((x.mean - 45.0 / 11.0).abs() < 1e-12 && (x.sd.unwrap() - 44.834_037_394).abs() < 1e-8, "{x:?}");
    let one = Frame::builder().numbers("x", vec![3.0]).build().unwrap().report().unwrap().columns.remove(0);
    assert_eq!((one.constant, one.numbers.unwrap().sd), (true, None));
    let none = Frame::builder().numbers("x", vec![f64::NAN; 3]).build().unwrap().report().unwrap().columns.remove(0);
    assert_eq!((none.constant, none.missing, none.numbers), (true, 3, None));
}

#[test]
fn copies_of_rows_are_counted_whatever_the_types() {
    let report = report("a,b\n1,x\n1,x\n1,y\n,x\n,x\n1,x\n,\n");
    assert_eq!((report.rows, report.duplicates), (7, 3));
    let zeros = Frame::builder().numbers("x", vec![0.0, -0.0, f64::NAN, f64::NAN]).build().unwrap().report().unwrap();
    assert_eq!((zeros.duplicates, zeros.columns[0].distinct), (2, 1));
}

#[test]
fn the_most_frequent_levels_are_in_order_and_five() {
    let rows: String = "a,b,b,c,c,c,d,e,f,g".split(',').map(|level| format!("{level}\n")).collect();
    let levels = &report(&format!("t\n{rows}")).columns[0].levels;
    assert_eq!(levels.iter().map(|l| l.value.as_str()).collect::<Vec<_>>(), ["c", "b", "a", "d", "e"]);
}

#[test]
fn identifiers_beyond_what_a_float_tells_apart_are_different() {
    let ids: Vec<i64> = (0..1000).map(|i| 23_843_210_987_654_321 + i).collect();
    let frame = Frame::builder().integers("ad", ids).build().unwrap();
    let report = frame.report().unwrap();
    assert_eq!((report.columns[0].distinct, report.duplicates), (1000, 0));
    let signs = Frame::read_csv_bytes(b"n,m\n-1,x\n,x\n-1,x\n", "signs.csv").unwrap().report().unwrap();
    assert_eq!((signs.columns[0].distinct, signs.duplicates), (1, 1));
}
