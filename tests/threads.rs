//! The number of threads changes nothing: the saved bytes of a fit are the same.

use crate::{campaign_pipeline, campaigns, resumes, training};
use adflux::{
    clustering::AutoKMeans,
    core::{Context, Training},
    pipeline::Pipeline,
    preprocessing::ColumnTransformer,
};

/// Asserts that fits with one, two and three threads save the same bytes.
fn assert_same(fit: impl Fn(&Context) -> Vec<u8>) {
    let [one, two, three] = [1, 2, 3].map(|n| fit(&Context::default().with_threads(n).unwrap()));
    // Not `assert_eq!`, which would print both files.
    assert!(one == two, "one thread and two differ");
    assert!(one == three, "one thread and three differ");
}

#[test]
fn campaign_estimates() {
    let data = training(&campaigns(600));
    assert_same(|context| {
        let mut fitted = campaign_pipeline(6).fit_with(data.clone(), context).unwrap();
        fitted.training.seconds = 0.0;
        fitted.training.preprocess_seconds = 0.0;
        fitted.to_bytes().unwrap()
    });
}

#[test]
fn segments() {
    let frame = resumes();
    let columns = ["years_college", "years_experience", "computer_skills", "volunteer", "military", "resume_quality"];
    let recipe = Pipeline::new(
        ColumnTransformer::auto(&frame, columns).unwrap(),
        AutoKMeans::default().max(5).n_init(2).sample_size(500).seed(4),
    );
    assert_same(|context| {
        let mut fitted = recipe.fit_with(Training::new(frame.clone()), context).unwrap();
        fitted.training.seconds = 0.0;
        fitted.training.preprocess_seconds = 0.0;
        fitted.to_bytes().unwrap()
    });
}
