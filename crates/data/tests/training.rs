use adflux_core::Target;
use adflux_data::{Frame, Role, Task};
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

#[test]
fn the_task_decides_what_whole_numbers_are() {
    let frame = Frame::read_csv_bytes(b"y,z\n10,1\n-2,2\n9,3\n10,4\n", "ads").unwrap();
    let frame = frame.with_role("y", Role::Target).unwrap();
    let numbers = Target::Values(array![10.0, -2.0, 9.0, 10.0]);
    assert_eq!(frame.training().unwrap().target, Some(numbers.clone()));
    assert_eq!(frame.training_as(Task::Regression).unwrap().target, Some(numbers));
    let classes = frame.training_as(Task::Classification).unwrap();
    let classes = classes.classes("test").unwrap();
    // By size, not by letter, and without a fraction.
    assert_eq!((classes.labels.join(" "), classes.codes.to_vec()), ("-2 9 10".to_string(), vec![2, 0, 1, 2]));
    let floats = Frame::builder().numbers("y", vec![1.0, -0.0, 0.0, f64::NAN]).build().unwrap();
    let classes = floats.classes("y").unwrap();
    assert_eq!((classes.levels.join(" "), classes.codes), ("0 1".to_string(), vec![1, 0, 0, u32::MAX]));
}

#[test]
fn truth_values_are_classes_or_zero_and_one() {
    let frame =
        Frame::builder().booleans("y", vec![true, false]).build().unwrap().with_role("y", Role::Target).unwrap();
    let classes = frame.training().unwrap();
    let classes = classes.classes("test").unwrap();
    assert_eq!((classes.labels.join(" "), classes.codes.to_vec()), ("false true".to_string(), vec![1, 0]));
    let numbers = frame.training_as(Task::Regression).unwrap();
    assert_eq!(numbers.target, Some(Target::Values(array![1.0, 0.0])));
}

#[test]
fn tasks_that_do_not_fit_the_target_say_so() {
    let says = |frame: &Frame, task: Task| frame.training_as(task).unwrap_err().to_string();
    let text = ads().with_role("live", Role::Target).unwrap();
    assert!(says(&text, Task::Regression).starts_with("column `live`: text, where regression wants numbers"));
    let rate = ads().with_role("ctr", Role::Target).unwrap();
    assert!(says(&rate, Task::Classification).starts_with("column `ctr`, row 1: 0.1: classes are text"));
    let two = rate.with_role("clicks", Role::Target).unwrap();
    assert!(says(&two, Task::Classification).starts_with("column `clicks`: a second target"));
    assert!(two.training_as(Task::Regression).unwrap().multi("test").is_ok());
}
