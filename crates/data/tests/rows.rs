use adflux_data::{ColumnKind, Frame};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
#[serde(rename_all = "UPPERCASE")]
enum Platform {
    Meta,
    Google,
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Euros(f64);

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Ad {
    platform: Platform,
    #[serde(rename = "daily budget")]
    budget: Euros,
    days: u8,
    reach: Option<u64>,
    title: Option<String>,
    live: bool,
    grade: char,
    change: f32,
}

fn ads() -> [Ad; 2] {
    let first = Ad {
        platform: Platform::Google,
        budget: Euros(0.1 + 0.2),
        days: 255,
        reach: Some(1 << 40),
        title: None,
        live: true,
        grade: 'ñ',
        change: -0.5,
    };
    let second =
        Ad { platform: Platform::Meta, reach: None, title: Some("Enfermera".into()), live: false, ..first.clone() };
    [first, second]
}

#[test]
fn fields_are_columns_and_come_back_as_fields() {
    let frame = Frame::from_rows(&ads()).unwrap();
    let names = ["platform", "daily budget", "days", "reach", "title", "live", "grade", "change"];
    assert_eq!(frame.names().collect::<Vec<_>>(), names);
    use ColumnKind::{Boolean, Number, Text};
    assert_eq!(names.map(|n| frame.kind_of(n).unwrap()), [Text, Number, Number, Number, Text, Boolean, Text, Number]);
    assert_eq!((frame.missing_in("reach").unwrap(), frame.missing_in("title").unwrap()), (1, 1));
    assert_eq!(frame.to_rows::<Ad>().unwrap(), ads());

    // The same rows through a file.
    let mut csv = Vec::new();
    frame.write_csv_to(&mut csv).unwrap();
    assert_eq!(Frame::read_csv_bytes(&csv, "ads").unwrap().to_rows::<Ad>().unwrap(), ads());
    let mut json = Vec::new();
    frame.write_ndjson_to(&mut json).unwrap();
    assert_eq!(Frame::read_ndjson_bytes(&json, "ads").unwrap().to_rows::<Ad>().unwrap(), ads());
    // What serde_json writes of a row, and a value made of it, are the same row.
    let value = serde_json::to_value(ads()).unwrap();
    assert_eq!(Frame::from_json(&value.to_string()).unwrap().to_rows::<Ad>().unwrap(), ads());
    assert_eq!(Frame::from_rows(value.as_array().unwrap()).unwrap().to_rows::<Ad>().unwrap(), ads());
}

#[test]
fn rows_may_be_maps_references_and_flattened() {
    let rows = [BTreeMap::from([("a", 1.5), ("b", 2.0)]), BTreeMap::from([("b", 3.0)])];
    let frame = Frame::from_rows(&rows.iter().collect::<Vec<_>>()).unwrap();
    assert!(frame.numbers("a").unwrap()[1].is_nan());
    assert_eq!(frame.numbers("b").unwrap(), [2.0, 3.0]);
    assert_eq!(
        frame.to_rows::<BTreeMap<String, Option<f64>>>().unwrap()[1],
        BTreeMap::from([("a".into(), None), ("b".into(), Some(3.0))])
    );

    #[derive(Serialize)]
    struct Request<'a> {
        id: &'a str,
        #[serde(flatten)]
        ad: Ad,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<&'a str>,
    }
    let [one, two] = ads();
    let rows = [Request { id: "x", ad: one, note: None }, Request { id: "y", ad: two, note: Some("late") }];
    let frame = Frame::from_rows(&rows).unwrap();
    assert_eq!(frame.to_rows::<Ad>().unwrap(), ads());
    assert_eq!(&frame.texts("note").unwrap()[..], ["", "late"]);
}

#[test]
fn nan_is_missing_and_infinity_is_kept() {
    let rows = [f64::NAN, f64::INFINITY, 1.0].map(|x| BTreeMap::from([("x", x)]));
    let frame = Frame::from_rows(&rows).unwrap();
    assert_eq!(frame.missing_in("x").unwrap(), 1);
    assert_eq!(frame.numbers("x").unwrap()[1..], [f64::INFINITY, 1.0]);
}

#[test]
fn what_is_no_single_value_is_refused_by_row_and_column() {
    fn refusal(rows: &[impl Serialize]) -> String {
        Frame::from_rows(rows).unwrap_err().to_string()
    }
    #[derive(Serialize)]
    enum Reach {
        Unknown,
        People(u32),
        Range { from: u32 },
        Both(u32, u32),
    }
    #[derive(Serialize)]
    struct Ad<T> {
        id: u32,
        value: T,
    }
    fn ad<T>(value: T) -> Ad<T> {
        Ad { id: 1, value }
    }
    let nested = "column `value`, row 2: one value is wanted, not a struct, a map or a list: \
                  give each of its values a field of its own";
    for wrong in [Reach::People(1), Reach::Range { from: 1 }, Reach::Both(1, 2)] {
        assert_eq!(refusal(&[ad(Reach::Unknown), ad(wrong)]), nested);
    }
    let row_one = nested.replace("row 2", "row 1");
    assert_eq!(refusal(&[ad(vec![1])]), row_one);
    assert_eq!(refusal(&[ad((1, 2))]), row_one);
    assert_eq!(refusal(&[ad(ad(1))]), row_one);
    assert_eq!(refusal(&[ad(BTreeMap::from([("a", 1)]))]), row_one);
    assert_eq!(refusal(&[1.0]), "row 1: a row is to be a struct, or a map");
    assert_eq!(refusal(&[vec![1.0]]), "row 1: a row is to be a struct, or a map");
    assert_eq!(refusal(&[None::<Ad<u8>>]), "row 1: a row is to be a struct, or a map");
    assert_eq!(refusal(&[BTreeMap::from([(1, 2)])]), "row 1: a key is to be text");
    assert_eq!(refusal(&[] as &[Ad<u8>]), "there are no rows");
    assert_eq!(refusal(&[BTreeMap::<String, u8>::new()]), "the rows have no columns");
}

#[test]
fn a_cell_that_a_field_does_not_take_is_named() {
    fn refusal<T: serde::de::DeserializeOwned + std::fmt::Debug>(field: &str) -> String {
        let frame = Frame::read_csv_bytes(b"n,x,city,live\n1,0.5,Madrid,true\n2,,,\n", "ads").unwrap();
        let frame =
            frame.with_columns_of(&Frame::builder().numbers("whole", vec![300.0, 1.0]).build().unwrap()).unwrap();
        let only = Frame::from_polars(frame.select(&[field]).unwrap().as_polars().clone()).unwrap();
        only.to_rows::<BTreeMap<String, T>>().unwrap_err().to_string()
    }
    let missing = "the value is missing: make the field an `Option`";
    assert_eq!(refusal::<String>("city"), format!("column `city`, row 2: {missing}"));
    assert_eq!(refusal::<u8>("x"), "column `x`, row 1: floating point `0.5`, where u8 is wanted");
    assert_eq!(refusal::<f64>("city"), "column `city`, row 1: string \"Madrid\", where f64 is wanted");
    assert!(
        refusal::<u8>("whole").starts_with("column `whole`, row 1: invalid value: integer `300`"),
        "{}",
        refusal::<u8>("whole")
    );
    assert!(refusal::<Platform>("city").starts_with("column `city`, row 1: unknown variant `Madrid`, expected"));
    assert!(refusal::<Platform>("n").starts_with("column `n`, row 1: no text, where"), "{}", refusal::<Platform>("n"));
    assert_eq!(refusal::<bool>("live"), "column `live`, row 2: unit value, where a boolean is wanted");

    #[derive(Deserialize, Debug)]
    #[allow(dead_code)]
    struct Ad {
        budget: f64,
    }
    let frame = Frame::builder().numbers("x", vec![1.0]).build().unwrap();
    assert_eq!(frame.to_rows::<Ad>().unwrap_err().to_string(), "row 1: there is no column for the field `budget`");
}
