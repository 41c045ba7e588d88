use adflux_core::Target;
use adflux_data::{Frame, Role};
use ndarray::array;

fn ads() -> Frame {
    Frame::read_csv_bytes(
        b"id,ctr,clicks,n,day,live,budget\n1,0.1,3,10,2026-03-02,yes,5\n2,0.2,4,20,2026-03-01,no,6\n",
        "ads",
    )
    .unwrap()
    .with_role("id", Role::Id)
    .unwrap()
}

#[test]
fn roles_decide_what_is_learned_from_and_what_stands_beside() {
    let data = ads()
        .with_role("clicks", Role::Target)
        .and_then(|f| f.with_role("n", Role::Exposure))
        .and_then(|f| f.with_role("day", Role::Time))
        .and_then(|f| f.with_role("ctr", Role::Ignore))
        .and_then(|f| f.with_role("live", Role::Group))
        .unwrap()
        .training()
        .unwrap();
    assert_eq!(data.x.names().collect::<Vec<_>>(), ["budget"]);
    assert_eq!(data.target, Some(Target::Values(array![3.0, 4.0])));
    assert_eq!(data.exposure, Some(array![10.0, 20.0]));
    assert_eq!(data.time, Some(array![1, 0]));
    assert_eq!(data.groups, Some(array![0, 1]));
}

#[test]
fn text_targets_are_classes_and_several_are_several() {
    let classes = ads().with_role("live", Role::Target).unwrap().training().unwrap();
    let classes = classes.classes("test").unwrap();
    assert_eq!((classes.codes.to_vec(), classes.labels.to_vec()), (vec![1, 0], vec!["no".to_string(), "yes".into()]));
    let several = ads().with_role("ctr", Role::Target).and_then(|f| f.with_role("clicks", Role::Target)).unwrap();
    let several = several.training().unwrap();
    assert_eq!(several.multi("test").unwrap().values, array![[0.1, 3.0], [0.2, 4.0]]);
}

#[test]
fn a_missing_target_and_a_second_weight_are_named() {
    let frame = Frame::read_csv_bytes(b"y,w,v\n1,1,1\n,1,1\n", "ads").unwrap().with_role("y", Role::Target).unwrap();
    assert!(frame.training().unwrap_err().to_string().starts_with("column `y`, row 2: the target is missing"));
    let two = ads().with_role("n", Role::Weight).and_then(|f| f.with_role("budget", Role::Weight)).unwrap();
    assert!(two.training().unwrap_err().to_string().starts_with("column `budget`: a second column"));
}
