//! The column transformer: reading columns, composing, describing, saving.

use crate::{names, values};
use adflux_core::{
    AnyTransform, AnyTransformRecipe, Component, Context, DynComponent as _, Error, Features, Fit, FitTransform,
    Recipe, Registry, Rows as _, Saved, Spec, Training, Transform,
};
use adflux_data::{Frame, Role};
use adflux_preprocessing::{
    Branch, ColumnTransformer, FittedColumnTransformer, FittedStandardScaler, OneHotEncoder, Remainder, SimpleImputer,
    StandardScaler, TfidfVectorizer, register,
};
use ndarray::array;

fn ads() -> Frame {
    Frame::builder()
        .optional_numbers("budget", vec![Some(100.0), None, Some(300.0), Some(200.0)])
        .integers("campaign_id", vec![916, 936, 916, 1178])
        .booleans("remote", vec![true, false, false, true])
        .texts("platform", ["META", "GOOGLE", "META", "META"])
        .texts("title", ["Java developer", "Sales manager", "Developer (remote)", ""])
        .build()
        .unwrap()
}

fn recipe() -> ColumnTransformer {
    ColumnTransformer::new()
        .branch(
            Branch::new("numeric", ["budget", "remote"]).step(SimpleImputer::default()).step(StandardScaler::default()),
        )
        .branch(Branch::new("codes", ["campaign_id"]).as_categories().step(OneHotEncoder::default()))
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default()))
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    registry
}

#[track_caller]
fn says<T>(result: adflux_core::Result<T>, expected: &str) {
    match result {
        Ok(_) => panic!("no error, where `{expected}` was expected"),
        Err(error) => assert!(error.to_string().contains(expected), "{error}"),
    }
}

#[test]
fn features_know_the_columns_they_came_from() {
    let fitted = recipe().fit(Training::new(ads())).unwrap();
    let lineage: Vec<(&str, &str)> = fitted.columns().map(|c| (c.name.as_str(), c.sources[0].as_str())).collect();
    assert_eq!(
        lineage,
        [
            ("budget", "budget"),
            ("remote", "remote"),
            ("campaign_id=1178", "campaign_id"),
            ("campaign_id=916", "campaign_id"),
            ("campaign_id=936", "campaign_id"),
            ("title:developer", "title"),
            ("title:java", "title"),
            ("title:manager", "title"),
            ("title:remote", "title"),
            ("title:sales", "title"),
        ]
    );
    assert_eq!(Component::inputs(&fitted), ["budget", "remote", "campaign_id", "title"]);
    let scaler = fitted.branches()[0].steps()[1].downcast_ref::<FittedStandardScaler>().unwrap();
    assert_eq!(scaler.mean().collect::<Vec<_>>(), [200.0, 0.5]);
}

#[test]
fn a_recipe_survives_toml() {
    let spec = recipe().remainder(Remainder::Drop).spec().unwrap();
    let text = toml::to_string(&spec).unwrap();
    let read: Spec = toml::from_str(&text).unwrap();
    let built: AnyTransformRecipe<Frame, Features> = registry().build(&read).unwrap();
    assert_eq!(adflux_core::Describe::describe(&built).unwrap(), spec);
    let (_, x) = built.fit_transform(Training::new(ads()), &Context::default()).unwrap();
    let (_, expected) = recipe().fit_transform(Training::new(ads()), &Context::default()).unwrap();
    assert_eq!(values(&x), values(&expected));
}

#[test]
fn a_description_can_leave_out_what_is_default() {
    let text = r#"
        kind = "column-transformer"
        [[steps]]
        kind = "branch"
        params = { name = "title", columns = ["title"], read = "text" }
        steps = [{ kind = "tfidf-vectorizer", params = { min_df = 1, max_df = 0.5 } }]
    "#;
    let built = ColumnTransformer::from_spec(&toml::from_str(text).unwrap(), &registry()).unwrap();
    assert_eq!(built.fit(Training::new(ads())).unwrap().feature_names().count(), 5);
    let wrong = |from: &str, to: &str, expected: &str| {
        says(ColumnTransformer::from_spec(&toml::from_str(&text.replace(from, to)).unwrap(), &registry()), expected);
    };
    wrong("\"branch\"", "\"standard-scaler\"", "its steps are of kind `branch`");
    wrong("tfidf-vectorizer", "tfidf-vectoriser", "did you mean `tfidf-vectorizer`?");
    wrong("read = ", "reed = ", "unknown field `reed`");
    wrong("min_df = 1", "min_df = 'x'", "a number of texts (2) or a share of them (0.5)");
}

#[test]
fn a_fitted_transformer_comes_back_from_its_state() {
    let (fitted, x) = recipe().fit_transform(Training::new(ads()), &Context::default()).unwrap();
    let saved = Saved::of(&fitted).unwrap();
    let loaded: AnyTransform<Frame, Features> = registry().load(&saved).unwrap();
    assert_eq!(values(&loaded.transform(ads()).unwrap()), values(&x));
    let loaded = loaded.downcast_ref::<FittedColumnTransformer>().unwrap();
    assert_eq!(loaded.columns().collect::<Vec<_>>(), fitted.columns().collect::<Vec<_>>());
    assert_eq!(loaded.save().unwrap(), saved);
    let cut = Saved { state: saved.state[..saved.state.len() / 2].to_vec(), ..saved };
    assert!(matches!(registry().load::<AnyTransform<Frame, Features>>(&cut), Err(Error::State { .. })));
}

#[test]
fn columns_are_found_by_name_and_all_missing_ones_are_listed() {
    let (fitted, x) = recipe().fit_transform(Training::new(ads()), &Context::default()).unwrap();
    let reordered = ads().select(&["title", "platform", "remote", "campaign_id", "budget"]).unwrap();
    assert_eq!(values(&fitted.transform(reordered).unwrap()), values(&x));
    let missing = |result: Result<_, Error>| match result {
        Err(Error::MissingColumns { missing, .. }) => missing,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("no error"),
    };
    let lacking = ads().without(&["budget", "title"]);
    assert_eq!(missing(fitted.transform(lacking.clone()).map(|_| ())), ["budget", "title"]);
    assert_eq!(missing(recipe().fit(Training::new(lacking)).map(|_| ())), ["budget", "title"]);
}

#[test]
fn types_are_those_of_the_fit() {
    let recipe = ColumnTransformer::new()
        .branch(Branch::new("numeric", ["budget"]))
        .branch(Branch::new("codes", ["campaign_id"]).as_categories().step(OneHotEncoder::default()));
    let fitted = recipe.fit(Training::new(ads())).unwrap();
    let other = |budget: &str| {
        Frame::builder().texts("budget", ["1.5", budget]).numbers("campaign_id", vec![936.0, 917.0]).build().unwrap()
    };
    let x = fitted.transform(other(" 2 ")).unwrap();
    assert_eq!(values(&x), array![[1.5, 0.0, 0.0, 1.0], [2.0, 0.0, 0.0, 0.0]]);
    says(fitted.transform(other("cheap")), "column `budget`, row 2: `cheap`");
}

#[test]
fn the_remainder_is_dropped_or_passed_through() {
    let branch = || Branch::new("platform", ["platform"]).step(OneHotEncoder::default());
    let drop = ColumnTransformer::new().branch(branch());
    assert_eq!(drop.fit(Training::new(ads())).unwrap().feature_names().count(), 2);
    let pass = ColumnTransformer::new().branch(branch()).remainder(Remainder::Passthrough);
    says(pass.fit(Training::new(ads())), "column `title`: no branch takes it");
    let numeric = ads().without(&["title"]).with_role("campaign_id", Role::Id).unwrap();
    let (fitted, x) = pass.fit_transform(Training::new(numeric), &Context::default()).unwrap();
    assert_eq!(names(&x), ["platform=GOOGLE", "platform=META", "budget", "remote"]);
    assert!(values(&x)[[1, 2]].is_nan(), "missing values are handed on");
    assert_eq!(fitted.branches()[1].name(), "remainder");
}

#[test]
fn branches_that_make_no_sense_are_refused() {
    let fit = |recipe: ColumnTransformer| recipe.fit(Training::new(ads()));
    let one = || Branch::new("one", ["budget"]);
    says(fit(ColumnTransformer::new()), "there are no branches");
    says(fit(ColumnTransformer::new().branch(one()).branch(one())), "two branches are called this");
    says(fit(ColumnTransformer::new().branch(Branch::new::<&str>("none", []))), "of branch `none`");
    says(fit(ColumnTransformer::new().branch(Branch::new("b", ["budget", "budget"]))), "named twice in branch `b`");
    let again = Branch::new("two", ["budget"]);
    says(
        fit(ColumnTransformer::new().branch(one()).branch(again)),
        "column `budget`: two feature columns have this name",
    );
    says(recipe().fit(Training::new(ads().take(&[]))), "no rows");
}

#[test]
fn an_error_names_the_branch_and_the_step() {
    let recipe = ColumnTransformer::new().branch(
        Branch::new("words", ["title"])
            .step(SimpleImputer::new(adflux_preprocessing::Strategy::MostFrequent))
            .step(StandardScaler::default()),
    );
    says(
        recipe.fit(Training::new(ads())),
        "step 2 (words/standard-scaler): `standard-scaler` does not take categorical features (column `title`)",
    );
    let recipe = ColumnTransformer::new().branch(Branch::new("numeric", ["budget"]).step(StandardScaler::default()));
    let fitted = recipe.fit(Training::new(ads())).unwrap();
    let infinite = Frame::builder().numbers("budget", vec![f64::INFINITY]).build().unwrap();
    says(fitted.transform(infinite), "step 1 (numeric/standard-scaler): column `budget`, row 1: inf");
}

#[test]
fn no_rows_and_one_row_are_transformed() {
    let (fitted, x) = recipe().fit_transform(Training::new(ads()), &Context::default()).unwrap();
    let none = fitted.transform(ads().take(&[])).unwrap();
    assert_eq!((none.rows(), none.width()), (0, 10));
    assert_eq!(values(&fitted.transform(ads().take(&[2])).unwrap()).row(0), values(&x).row(2));
    let alone = recipe().fit(Training::new(ads().take(&[0]))).unwrap();
    assert_eq!(values(&alone.transform(ads().take(&[0])).unwrap()).row(0).sum(), 1.0 + 2.0 / 2.0_f64.sqrt());
}

#[test]
fn several_texts_are_one_sparse_block() {
    let recipe = ColumnTransformer::new()
        .branch(Branch::new("texts", ["title", "platform"]).as_text().step(TfidfVectorizer::default().max_features(2)));
    let (_, x) = recipe.fit_transform(Training::new(ads()), &Context::default()).unwrap();
    assert_eq!(x.blocks().len(), 1);
    assert_eq!(names(&x), ["title:developer", "title:java", "platform:google", "platform:meta"]);
    assert_eq!(values(&x).column(3), array![1.0, 0.0, 1.0, 1.0]);
}

#[test]
fn auto_chooses_by_what_the_columns_hold() {
    let rows = 200;
    let each = |f: fn(usize) -> String| (0..rows).map(f).collect::<Vec<_>>();
    let frame = Frame::builder()
        .numbers("budget", (0..rows).map(|i| i as f64).collect())
        .numbers("constant", vec![1.0; rows])
        .booleans("remote", (0..rows).map(|i| i % 2 == 0).collect())
        .texts("city", each(|i| format!("city{}", i % 5)))
        .texts("country", each(|_| "ES".into()))
        .texts("title", each(|i| format!("{} developer number{i}", ["java", "web"][i % 2])))
        .texts("ad", each(|i| format!("ad-{i}")))
        .build()
        .unwrap();
    let all: Vec<&str> = frame.names().collect();
    let auto = ColumnTransformer::auto(&frame, &all).unwrap();
    let branches: Vec<(&str, &[String])> = auto.branches().iter().map(|b| (b.name(), b.columns())).collect();
    assert_eq!(
        branches,
        [
            ("numeric", &["budget".to_string(), "remote".to_string()][..]),
            ("categorical", &["city".to_string()]),
            ("text", &["title".to_string()]),
        ]
    );
    let fitted = auto.fit(Training::new(frame.clone())).unwrap();
    assert_eq!(fitted.feature_names().last(), Some("title:web"));
    says(ColumnTransformer::auto(&frame, ["country", "ad"]), "none of 2 columns is of use");
    says(ColumnTransformer::auto(&frame, ["countri"]), "did you mean `country`?");
}

#[test]
fn a_sensitive_column_is_refused_until_it_is_made_a_feature() {
    let frame = ads().with_role("budget", Role::Sensitive).unwrap();
    let recipe = ColumnTransformer::new().branch(Branch::new("numbers", ["budget"]));
    let refused = recipe.fit(Training::new(frame.clone())).unwrap_err().to_string();
    assert!(refused.starts_with("column `budget`: is sensitive: leave it out"), "{refused}");
    assert!(recipe.fit(Training::new(frame.with_role("budget", Role::Feature).unwrap())).is_ok());
}
