//! `adflux train`, `predict`, `evaluate`, `compare` and `inspect` on data, as a user goes through them.

use crate::{adflux, err, fails, out, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        text(&self.0.path().join(name)).to_string()
    }

    /// A file of simulated campaigns.
    fn campaigns(&self, rows: usize) -> String {
        let file = self.path("campaigns.csv");
        done(&["simulate", "campaigns", "--rows", &rows.to_string(), "-o", &file]);
        file
    }

    fn write(&self, name: &str, content: &str) -> String {
        let file = self.path(name);
        std::fs::write(&file, content).unwrap();
        file
    }
}

fn done(arguments: &[&str]) -> String {
    let output = adflux(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
    out(&output)
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&done(&[arguments, &["--format", "json"]].concat())).unwrap()
}

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn lines(csv: &str) -> Vec<Vec<String>> {
    csv.lines().map(|line| line.split(',').map(str::to_string).collect()).collect()
}

const SMALL: [&str; 2] = ["--param", "n_estimators=20"];

#[test]
fn classes_from_training_to_predictions() {
    let (place, churn) = (Place::new(), workspace("data/telco_churn.csv"));
    let (churn, model) = (text(&churn), place.path("churn.adflux"));
    let report = json(&[&["train", churn, "--target", "churn", "-o", &model][..], &SMALL].concat());
    assert_eq!((&report["task"], &report["classes"]), (&"classification".into(), &serde_json::json!(["No", "Yes"])));
    assert_eq!(report["rows"], serde_json::json!({ "train": 5634, "test": 1409 }));
    let measure = |of: &str, name: &str| report[of][name].as_f64().unwrap();
    assert!(measure("metrics", "roc_auc") > 0.78 && measure("baseline", "roc_auc") == 0.5);
    assert!(measure("metrics", "brier") < measure("baseline", "brier"));
    // What is known of churn: it goes with the contract and the months so far.
    let columns: Vec<&str> =
        report["importance"].as_array().unwrap().iter().map(|i| i["column"].as_str().unwrap()).collect();
    assert!(columns[..4].contains(&"contract") && columns[..4].contains(&"tenure"), "{columns:?}");

    let predictions = lines(&done(&["predict", &model, churn]));
    assert_eq!(predictions[0], ["prediction", "label", "p_No", "p_Yes"]);
    assert_eq!(predictions.len(), 7043 + 1);
    for row in &predictions[1..] {
        let (no, yes): (f64, f64) = (row[2].parse().unwrap(), row[3].parse().unwrap());
        assert!((no + yes - 1.0).abs() < 1e-9 && row[0] == row[1]);
        assert_eq!(row[0] == "Yes", yes > no);
    }

    let told = done(&["inspect", &model]);
    assert!(told.contains("churn (No or Yes)") && told.contains("random-forest-classifier"), "{told}");
    let by = json(&["evaluate", &model, churn, "--by", "contract"]);
    let rows: u64 = by["by"]["groups"].as_array().unwrap().iter().map(|g| g["rows"].as_u64().unwrap()).sum();
    assert_eq!((rows, &by["rows"]), (7043, &7043.into()));
}

#[test]
fn numbers_with_an_interval_keep_its_promise_and_ids_stay_beside() {
    let place = Place::new();
    let (file, model) = (place.campaigns(1500), place.path("clicks.adflux"));
    let outcomes = ["--exclude", "impressions,applications,spend", "--id", "campaign_id", "--interval", "0.8"];
    let train = ["train", &file, "--target", "clicks", "-o", &model];
    let report = json(&[&train[..], &outcomes, &SMALL].concat());
    let coverage = report["metrics"]["coverage"].as_f64().unwrap();
    assert!((0.74..=0.86).contains(&coverage), "{coverage}");
    assert!(report["metrics"]["r2"].as_f64().unwrap() > 0.1, "{}", report["metrics"]);

    let predictions = lines(&done(&["predict", &model, &file]));
    assert_eq!(predictions[0], ["campaign_id", "prediction", "lower", "upper"]);
    let numbers = |row: &[String]| row[1..].iter().map(|v| v.parse::<f64>().unwrap()).collect::<Vec<_>>();
    assert!(predictions[1..].iter().map(|r| numbers(r)).all(|n| n[1] <= n[0] && n[0] <= n[2]));

    // The same to a file of objects, and through the standard streams.
    let ndjson = place.path("predictions.ndjson");
    done(&["predict", &model, &file, "-o", &ndjson]);
    let first: Value = serde_json::from_str(std::fs::read_to_string(&ndjson).unwrap().lines().next().unwrap()).unwrap();
    assert_eq!(first["prediction"].as_f64().unwrap(), numbers(&predictions[1])[0]);
}

#[test]
fn boosting_takes_its_parameters_and_a_search() {
    let place = Place::new();
    let (file, model) = (place.campaigns(600), place.path("boosted.adflux"));
    let excluded = ["--exclude", "impressions,applications,spend", "--id", "campaign_id"];
    let boosted = ["--model-type", "gradient-boosting", "--param", "loss=poisson", "--param", "n_estimators=30"];
    let search = ["--search", "model.num_leaves=4..16,model.n_iter_no_change=5|10", "--trials", "2", "--cv", "2"];
    let train = ["train", &file, "--target", "clicks", "-o", &model];
    let report = json(&[&train[..], &excluded, &boosted, &search].concat());
    assert_eq!((&report["model"], report["search"]["trials"].as_u64()), (&"gradient-boosting".into(), Some(2)));
    assert!(report["metrics"]["rmse"].as_f64().unwrap() > 0.0, "{}", report["metrics"]);
    let told = done(&["inspect", &model]);
    assert!(told.contains("gradient-boosting-regressor") && told.contains("poisson"), "{told}");
}

#[test]
fn every_family_of_trees_learns_both_tasks() {
    let place = Place::new();
    let file = place.campaigns(300);
    for family in ["decision-tree", "extra-trees"] {
        let train = ["train", &file, "--exclude", "impressions,applications,spend", "--id", "campaign_id"];
        let of =
            |target: &[&str]| json(&[&train[..], target, &["--model-type", family, "--param", "max_depth=4"]].concat());
        assert_eq!(of(&["--target", "clicks"])["model"], family);
        assert!(of(&["--target", "platform"])["metrics"]["log_loss"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn a_specification_trains_the_whole_line() {
    let place = Place::new();
    let (file, model) = (place.campaigns(800), place.path("campaign.adflux"));
    let spec = workspace("examples/specs/campaign.toml");
    let targets = ["--target", "impressions,clicks,applications,spend", "--exposure", "budget", "-o", &model];
    let report = json(&[&["train", &file, "--spec", text(&spec)][..], &targets].concat());
    assert_eq!(report["model"], "funnel-regressor");
    for name in ["impressions", "clicks", "applications", "spend"] {
        assert!(report["metrics"][format!("{name}.r2")].as_f64().unwrap() > 0.0, "{}", report["metrics"]);
        assert!(report["metrics"][format!("{name}.coverage")].as_f64().unwrap() > 0.65, "{}", report["metrics"]);
    }
    let header = lines(&done(&["predict", &model, &file]))[0].clone();
    assert!(header.contains(&"clicks_lower".to_string()) && header.contains(&"cpa".to_string()), "{header:?}");

    // The recipe that inspect prints trains again.
    let told = done(&["inspect", &model]);
    let recipe = told.split_once("takes it:\n").unwrap().1;
    let again = place.write("again.toml", recipe);
    let same = place.path("same.adflux");
    let targets = ["--target", "impressions,clicks,applications,spend", "--exposure", "budget", "-o", &same];
    json(&[&["train", &file, "--spec", &again][..], &targets].concat());
    assert_eq!(done(&["predict", &same, &file]), done(&["predict", &model, &file]));
}

#[test]
fn a_pipeline_compared_with_itself_does_not_differ_and_more_trees_are_no_worse() {
    let (place, churn) = (Place::new(), workspace("data/telco_churn.csv"));
    let (churn, one, many) = (text(&churn), place.path("one.adflux"), place.path("many.adflux"));
    for (model, trees) in [(&one, "n_estimators=1"), (&many, "n_estimators=40")] {
        done(&["train", churn, "--target", "churn", "--param", trees, "-o", model]);
    }
    let same = json(&["compare", &many, &many, churn, "--resamples", "100"]);
    for m in same["metrics"].as_array().unwrap() {
        assert_eq!((&m["difference"], &m["lower"], &m["upper"]), (&0.0.into(), &0.0.into(), &0.0.into()));
    }
    let told = done(&["compare", &one, &many, churn, "--resamples", "100"]);
    let auc = told.lines().find(|l| l.starts_with("ROC AUC")).unwrap();
    assert!(auc.trim_end().ends_with('B'), "{told}");
}

#[test]
fn held_back_rows_respect_groups_time_and_a_second_table() {
    let place = Place::new();
    let mut csv = String::from("y,x,who,day\n");
    (0..200)
        .for_each(|i| csv.push_str(&format!("{},{},p{},2026-01-{:02}\n", i % 7 + i % 5, i % 7, i / 10, 1 + i / 10)));
    let file = place.write("days.csv", &csv);
    let base = ["train", &file, "--target", "y", "--task", "regression"];
    for option in [["--group", "who"], ["--time", "day"]] {
        let report = json(&[&base[..], &option, &SMALL].concat());
        assert_eq!(report["rows"], serde_json::json!({ "train": 160, "test": 40 }), "{option:?}");
    }
    let other = place.write("other.csv", &csv.replace(",p", ",q"));
    let report = json(&[&base[..], &["--test", &other, "--exclude", "day"], &SMALL].concat());
    assert_eq!(report["rows"], serde_json::json!({ "train": 200, "test": 200 }));
    let report = json(&[&base[..], &["--test-size", "0", "--exclude", "who,day", "--cv", "4"], &SMALL].concat());
    assert_eq!((&report["rows"]["test"], &report["metrics"]), (&0.into(), &serde_json::json!({})));
    assert!(report["cv"]["metrics"]["r2"]["mean"].as_f64().unwrap() > 0.4);
}

#[test]
fn cross_validation_is_repeated_or_looks_back_only() {
    let place = Place::new();
    let mut csv = String::from("y,x,day\n");
    (0..120).for_each(|i| csv.push_str(&format!("{},{},2026-01-{:02}\n", i % 7 + i % 5, i % 7, 1 + i / 5)));
    let file = place.write("days.csv", &csv);
    let base = ["train", &file, "--target", "y", "--task", "regression", "--test-size", "0"];
    let report = json(&[&base[..], &["--exclude", "day", "--cv", "4", "--cv-repeats", "2"], &SMALL].concat());
    let folds = report["cv"]["by_fold"].as_array().unwrap();
    assert_eq!((report["cv"]["folds"].as_u64(), folds.len()), (Some(8), 8));
    assert_eq!((folds[4]["fold"].as_str(), folds[4]["test"].as_u64()), (Some("repeat 2 of 2, fold 1 of 4"), Some(30)));
    let mean = folds.iter().map(|fold| fold["metrics"]["r2"].as_f64().unwrap()).sum::<f64>() / 8.0;
    assert!((mean - report["cv"]["metrics"]["r2"]["mean"].as_f64().unwrap()).abs() < 1e-12);
    let words = done(&[&base[..], &["--exclude", "day", "--cv", "4"], &SMALL].concat());
    assert!(words.contains("4 folds") && words.contains("least") && words.contains("most"), "{words}");

    let report = json(&[&base[..], &["--time", "day", "--cv", "time-series,folds=3,gap=5"], &SMALL].concat());
    let folds = report["cv"]["by_fold"].as_array().unwrap();
    assert_eq!(folds.iter().map(|fold| fold["train"].as_u64().unwrap()).collect::<Vec<_>>(), [25, 55, 85]);
    let said = fails(&[&base[..], &["--time", "day", "--cv", "3", "--cv-repeats", "2"], &SMALL].concat());
    assert!(said.contains("blocks of time"), "{said}");
    let said = adflux(&[&base[..], &["--cv", "time-series,fold=3"]].concat());
    assert_eq!(said.status.code(), Some(2));
    assert!(err(&said).contains("expected one of `folds`"), "{}", err(&said));
}

#[test]
fn a_search_saves_the_best_pipeline_and_goes_on_from_its_log() {
    let place = Place::new();
    let mut csv = String::from("y,x,z\n");
    (0..150).for_each(|i| csv.push_str(&format!("{},{},{}\n", 10 * (i % 7) + i * 31 % 11, i % 7, i * 37 % 101)));
    let file = place.write("table.csv", &csv);
    let (log, model) = (place.path("search.ndjson"), place.path("best.adflux"));
    let space = "model.min_samples_leaf=1..60:log,model.bootstrap=true|false";
    let base =
        ["train", &file, "--target", "y", "--task", "regression", "--search", space, "--search-log", &log, "--cv", "3"];
    let first = json(&[&base[..], &["--trials", "6"], &SMALL].concat());
    assert_eq!((first["search"]["trials"].as_u64(), first["search"]["resumed"].as_u64()), (Some(6), Some(0)));
    assert_eq!(std::fs::read_to_string(&log).unwrap().lines().count(), 7);

    let report = json(&[&base[..], &["--trials", "12", "-o", &model], &SMALL].concat());
    let search = &report["search"];
    assert_eq!((search["trials"].as_u64(), search["resumed"].as_u64()), (Some(12), Some(6)));
    assert_eq!((search["method"].as_str(), search["measure"].as_str()), (Some("tpe"), Some("r2")));
    let best = search["best"]["params"]["model.min_samples_leaf"].as_i64().unwrap();
    assert!(best < 12, "{search}");
    // The scores of the best trial are those of the pipeline on the same folds, and it is what was saved.
    assert!(
        (search["best"]["value"].as_f64().unwrap() - report["cv"]["metrics"]["r2"]["mean"].as_f64().unwrap()).abs()
            < 1e-12
    );
    let saved = json(&["inspect", &model]);
    assert_eq!(saved["training"]["spec"]["model"]["params"]["min_samples_leaf"].as_i64(), Some(best));
    let words = done(&[&base[..], &["--trials", "12"], &SMALL].concat());
    assert!(words.contains("min_samples_leaf") && words.contains("12 trials, 12 of them from the log"), "{words}");

    // The title names the model of the file, not the one that would be taken without it.
    let spec = "[model]\nkind = 'random-forest-regressor'\nparams = { n_estimators = 5 }\n[search]\ntrials = 2\n\
                [space]\n'model.max_depth' = [2, 3]\n";
    let spec = place.write("search.toml", spec);
    let words = done(&["train", &file, "--target", "y", "--task", "regression", "--search", &spec]);
    assert!(words.starts_with("random-forest-regressor, regression of y"), "{words}");

    // Another table is another search.
    let other = place.write("other.csv", &(csv + "3,4,5\n"));
    let base = [
        "train",
        &other,
        "--target",
        "y",
        "--task",
        "regression",
        "--search",
        space,
        "--search-log",
        &log,
        "--cv",
        "3",
    ];
    let said = fails(&[&base[..], &SMALL].concat());
    assert!(said.contains("search.ndjson") && said.contains("its data, recipe, measure or folds differ"), "{said}");
}

#[test]
fn a_search_that_cannot_be_is_refused_before_the_work() {
    let place = Place::new();
    let mut csv = String::from("y,x\n");
    (0..60).for_each(|i| csv.push_str(&format!("{},{}\n", i % 7, i % 5)));
    let file = place.write("table.csv", &csv);
    let says = |search: &str| fails(&["train", &file, "--target", "y", "--task", "regression", "--search", search]);
    assert!(says("model.max_dept=2..9").contains("did you mean `model.max_depth`?"));
    assert!(says("model.max_depth").contains("is not PATH=VALUES"));
    assert!(says("model.max_depth=deep|flat").contains("`model.max_depth` = \"deep\""));
    let spec = place
        .write("search.toml", "[search]\nmethod = 'grid'\n[space]\nmodel.max_depth = { low = 1, high = 90 }\ngrid = 3");
    assert!(says(&spec).contains("search.toml: `grid`: 3: give"), "{}", says(&spec));
    let spec = place.write("none.toml", "[search]\nmethod = 'grid'");
    assert!(says(&spec).contains("none.toml: has no [space]"));
    let spec = place.write("both.toml", "[space]\nmodel.max_depth = [2, 3]\n[model]\nkind = 'random-forest-regressor'");
    let said = fails(&["train", &file, "--target", "y", "--search", &spec, "--spec", &spec]);
    assert!(said.contains("--spec beside a --search file") || said.contains("unknown field"), "{said}");
}

#[test]
fn what_may_not_be_learned_from_is_left_out_and_said() {
    let place = Place::new();
    let mut csv = String::from("candidate_id,ctr,clicks,impressions,platform,currency,gender,pronoun\n");
    for i in 0..300u32 {
        let (clicks, impressions, woman) = (1 + i % 13, 900 + (i * 37) % 400 * 17, i % 2 == 0);
        let (gender, pronoun) = if woman { ("f", "she") } else { ("m", "he") };
        let ctr = f64::from(clicks) / f64::from(impressions);
        let platform = ["META", "GOOGLE", "TIKTOK"][i as usize % 3];
        csv.push_str(&format!("C-{i:05},{ctr},{clicks},{impressions},{platform},EUR,{gender},{pronoun}\n"));
    }
    let file = place.write("ads.csv", &csv);
    let base = ["train", &file, "--target", "ctr", "--sensitive", "gender"];
    let report = json(&[&base[..], &SMALL].concat());
    let why = |column: &str| {
        let all = report["excluded"].as_array().unwrap();
        let found = all.iter().find(|e| e["column"] == column);
        found.map(|e| e["reason"].as_str().unwrap().to_string())
    };
    assert!(why("candidate_id").unwrap().contains("identif"), "{report}");
    assert!(why("currency").unwrap().contains("same value"), "{report}");
    assert!(why("gender").unwrap().contains("sensitive"), "{report}");
    assert!(why("pronoun").unwrap().contains("gives away gender"), "{report}");
    assert!(why("clicks").is_some() && why("impressions").is_some(), "a ratio of two columns: {report}");
    assert_eq!(why("platform"), None);
    let kept = json(&[&base[..], &["--allow", "pronoun"], &SMALL].concat());
    assert!(kept["importance"].as_array().unwrap().iter().any(|i| i["column"] == "pronoun"));
}

#[test]
fn wishes_that_cannot_be_met_say_why() {
    let place = Place::new();
    let file = place.write("t.csv", "y,x,label\n1.5,2,a\n2.5,3,b\n3.5,4,a\n4.5,5,b\n5.5,6,a\n6.5,7,b\n");
    let train = |more: &[&str]| fails(&[&["train", &file][..], more].concat()).replace(&file, "t.csv");
    assert!(train(&["--target", "yy"]).starts_with("t.csv: missing column `yy` (did you mean `y`?)"));
    let said = train(&["--target", "label", "--task", "regression"]);
    assert!(said.contains("`label`") && said.contains("regression"), "{said}");
    let said = train(&["--target", "y", "--param", "n_estimator=5"]);
    assert!(said.contains("n_estimator`") && said.contains("n_estimators"), "{said}");
    let said = train(&["--target", "y", "--param", "n_estimators=0"]);
    assert!(said.contains("`n_estimators` = 0"), "{said}");
    let said = train(&["--target", "y", "--exclude", "x,label"]);
    assert!(said.contains("no column is left") || said.contains("none of"), "{said}");
    let said = train(&["--target", "y", "--test-size", "1.5"]);
    assert!(said.contains("test_size") || said.contains("test_share"), "{said}");

    let broken =
        place.write("broken.toml", "[model]\nkind = \"random-forest-regressor\"\nparams = { n_estimators = }\n");
    let said = train(&["--target", "y", "--spec", &broken]);
    assert!(said.contains("broken.toml: line 3: "), "{said}");
    let unknown = place.write("unknown.toml", "[model]\nkind = \"random-forest-regresor\"\n");
    let said = train(&["--target", "y", "--spec", &unknown]);
    assert!(said.contains("did you mean `random-forest-regressor`?"), "{said}");
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = done(&["completions", shell]);
        for command in ["demo", "simulate", "segment", "train", "predict", "evaluate", "compare", "inspect"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn every_command_gives_an_example_in_its_help() {
    for command in ["demo", "simulate", "segment", "train", "predict", "evaluate", "compare", "inspect", "completions"]
    {
        let help = done(&[command, "--help"]);
        assert!(help.contains(&format!("Example: adflux {command} ")), "{help}");
    }
}

#[test]
fn linear_model_types_learn_numbers_or_classes() {
    let (place, churn) = (Place::new(), workspace("data/telco_churn.csv"));
    let churn = text(&churn);
    let report = json(&["train", churn, "--target", "churn", "--model-type", "logistic", "--param", "c=0.5"]);
    assert_eq!(report["model"], "logistic");
    assert!(report["metrics"]["roc_auc"].as_f64().unwrap() > 0.8, "{}", report["metrics"]);
    let report = json(&["train", churn, "--target", "churn", "--model-type", "ftrl", "--param", "alpha=0.1"]);
    assert_eq!(report["model"], "ftrl");
    assert!(report["metrics"]["roc_auc"].as_f64().unwrap() > 0.78, "{}", report["metrics"]);
    for wrong in ["linear", "poisson"] {
        let said = fails(&["train", churn, "--target", "churn", "--model-type", wrong]);
        assert!(said.contains(&format!("--model-type {wrong} is for numbers, and the target is classes")), "{said}");
    }
    let file = place.campaigns(800);
    let said = fails(&["train", &file, "--target", "clicks", "--model-type", "logistic"]);
    assert!(said.contains("--model-type logistic is for classes, and the target is numbers"), "{said}");
    let known = ["--target", "spend", "--include", "budget,duration_days,audience_size,platform"];
    for model in ["linear", "ridge", "lasso", "elastic-net", "huber"] {
        let report = json(&[&["train", &file, "--model-type", model][..], &known].concat());
        assert!(report["metrics"]["r2"].as_f64().unwrap() > 0.4, "{model}: {}", report["metrics"]);
        assert_eq!(report["importance"][0]["column"], "budget");
    }
    let above = ["--model-type", "quantile", "--param", "quantile=0.9", "--param", "alpha=0.0"];
    let (model, predicted) = (place.path("high.adflux"), place.path("high.ndjson"));
    json(&[&["train", &file][..], &above, &known, &["-o", &model]].concat());
    done(&["predict", &model, &file, "-o", &predicted]);
    let (rows, predicted) = (std::fs::read_to_string(&file).unwrap(), std::fs::read_to_string(&predicted).unwrap());
    // The spend is the last column.
    let spends = rows.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse::<f64>().unwrap());
    let under = spends.zip(predicted.lines()).filter(|(spend, line)| {
        let row: Value = serde_json::from_str(line).unwrap();
        *spend <= row["prediction"].as_f64().unwrap()
    });
    let share = under.count() as f64 / 800.0;
    assert!((0.85..0.95).contains(&share), "{share}");
}

#[test]
fn an_exposure_makes_rates_of_totals() {
    let place = Place::new();
    let (file, model) = (place.campaigns(800), place.path("ctr.adflux"));
    let clicks = ["--target", "clicks", "--exposure", "impressions", "--exclude", "applications,spend"];
    for kind in ["poisson", "tweedie"] {
        let told = ["--model-type", kind, "--param", "alpha=0.0001", "-o", &model];
        let report = json(&[&["train", &file][..], &clicks, &told].concat());
        assert_eq!(report["target"], serde_json::json!(["clicks per impressions"]));
        assert!(report["metrics"]["r2"].as_f64().unwrap() > 0.2, "{kind}: {}", report["metrics"]);
        // Clicks are hundreds: what is far below 1 is of rates.
        assert!(report["baseline"]["rmse"].as_f64().unwrap() < 0.1, "{kind}: {}", report["baseline"]);

        let predicted = place.path("rates.ndjson");
        done(&["predict", &model, &file, "-o", &predicted]);
        for line in std::fs::read_to_string(&predicted).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            assert!((0.0..0.2).contains(&row["prediction"].as_f64().unwrap()), "{kind}: {row}");
        }
    }
    // Later totals are judged as rates too.
    let judged = json(&["evaluate", &model, &file, "--resamples", "0"]);
    assert!(judged["metrics"]["r2"].as_f64().unwrap() > 0.2, "{judged}");
    assert!(done(&["inspect", &model]).contains("clicks per impressions (a number)"));
    let other = place.path("later.csv");
    std::fs::copy(&file, &other).unwrap();
    let told = ["--model-type", "poisson", "--test", &other];
    let report = json(&[&["train", &file][..], &clicks, &told].concat());
    assert!(report["baseline"]["rmse"].as_f64().unwrap() < 0.1, "{report}");
    let said = fails(&[&["train", &file][..], &clicks].concat());
    assert!(said.contains("--exposure is for --model-type poisson, gamma, tweedie or auto"), "{said}");
}

#[test]
fn a_model_that_did_not_converge_says_so_once() {
    let place = Place::new();
    let file = place.campaigns(200);
    let of = |how: &[&str]| {
        let base =
            ["train", &file, "--target", "clicks", "--exclude", "applications,spend,impressions", "--interval", "0.8"];
        json(&[&base[..], how].concat())["warnings"].to_string()
    };
    let said = of(&["--model-type", "poisson", "--param", "max_iter=1"]);
    assert_eq!(said.matches("`poisson-regressor` did not converge within max_iter = 1").count(), 1, "{said}");
    assert!(!of(&["--model-type", "poisson"]).contains("did not converge"));
}

#[test]
fn a_specification_learns_rates_as_its_model_type_does() {
    let place = Place::new();
    let (file, model) = (place.campaigns(400), place.path("spec.adflux"));
    let spec = place.write("poisson.toml", "model = { kind = 'poisson-regressor', params = { alpha = 0.0001 } }");
    let clicks = ["--target", "clicks", "--exposure", "impressions", "--exclude", "applications,spend"];
    let of = |how: &[&str]| json(&[&["train", &file][..], &clicks, how].concat());
    let by_spec = of(&["--spec", &spec, "--cv", "3", "-o", &model]);
    let by_type = of(&["--model-type", "poisson", "--param", "alpha=0.0001", "--cv", "3"]);
    for part in ["target", "metrics", "baseline", "cv"] {
        assert_eq!(by_spec[part], by_type[part], "{part}");
    }
    assert!(by_spec["cv"]["metrics"]["r2"]["mean"].as_f64().unwrap() > 0.2, "{by_spec}");
    // What the rate is of is not known before, and no column to learn from.
    let read = by_spec["importance"].as_array().unwrap();
    assert!(!read.is_empty() && read.iter().all(|column| column["column"] != "impressions"), "{read:?}");
    let judged = json(&["evaluate", &model, &file, "--resamples", "0"]);
    assert!(judged["metrics"]["r2"].as_f64().unwrap() > 0.2, "{judged}");

    // The interval of a rate is one of rates.
    let predicted = place.path("intervals.ndjson");
    of(&["--model-type", "poisson", "--interval", "0.8", "-o", &model]);
    done(&["predict", &model, &file, "-o", &predicted]);
    for line in std::fs::read_to_string(&predicted).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert!(row["upper"].as_f64().unwrap() - row["lower"].as_f64().unwrap() < 0.2, "{row}");
    }

    // A search or a specification does not make a model use what it does not know.
    let forest = place.write("forest.toml", "model = { kind = 'random-forest-regressor' }");
    let refused = |how: &[&str]| fails(&[&["train", &file][..], &clicks, how].concat());
    assert!(refused(&["--spec", &forest]).contains("`random-forest-regressor` uses no exposure"));
    let search = ["--model-type", "gradient-boosting", "--search", "model.num_leaves=7..31"];
    assert!(refused(&search).contains("--exposure is for --model-type poisson, gamma, tweedie or auto"));
    let alpha = of(&["--model-type", "poisson", "--search", "model.alpha=0.0001..1:log", "--trials", "3"]);
    assert!(alpha["search"]["best"]["value"].as_f64().unwrap() > 0.2, "{}", alpha["search"]);
}

#[test]
fn only_numbers_have_rates_and_a_fold_without_exposure_judges_nothing() {
    let place = Place::new();
    let line = |row: u32| {
        let (shown, clicks) = (if row % 4 == 3 { 0 } else { 5 + row % 7 }, u32::from(row % 4 == row % 3));
        format!("{shown},{clicks},{},{}\n", row % 5, row % 4)
    };
    let rows: String = (0..80).map(line).collect();
    let file = place.write("few.csv", &format!("impressions,clicks,bid,site\n{rows}"));
    let base = ["train", &file, "--target", "clicks", "--exposure", "impressions", "--importance", "0"];
    let said = fails(&[&base[..], &["--model-type", "auto"]].concat());
    assert!(said.contains("--exposure needs a target of numbers: give --task regression"), "{said}");

    // The last site showed nothing.
    let folds = ["--task", "regression", "--group", "site", "--test-size", "0", "--cv", "4"];
    let report = json(&[&base[..], &folds, &["--model-type", "poisson"]].concat());
    assert_eq!(report["target"], serde_json::json!(["clicks per impressions"]));
    let of_folds = report["cv"]["by_fold"].as_array().unwrap();
    let judged = of_folds.iter().filter(|fold| fold["metrics"]["rmse"].is_number()).count();
    assert_eq!((of_folds.len(), judged), (4, 3), "{}", report["cv"]);
    assert!(report["cv"]["metrics"]["rmse"]["mean"].is_number(), "{}", report["cv"]);
}

#[test]
fn the_model_is_found_and_what_was_tried_is_told() {
    let (place, churn) = (Place::new(), workspace("data/telco_churn.csv"));
    let (rows, model) = (place.path("few.csv"), place.path("auto.adflux"));
    let few: Vec<String> = std::fs::read_to_string(churn).unwrap().lines().take(801).map(str::to_string).collect();
    let rows = {
        std::fs::write(&rows, few.join("\n")).unwrap();
        rows
    };
    let base = ["train", &rows, "--target", "churn", "--model-type", "auto", "--importance", "0"];
    let report = json(&[&base[..], &["--cv", "3", "-o", &model]].concat());
    let auto = &report["auto"];
    let tried = auto["tried"].as_array().unwrap();
    assert_eq!(tried.len(), 5);
    assert_eq!((&tried[0]["name"], &auto["measure"]), (&"logistic".into(), &"roc_auc".into()));
    let shares: f64 = tried.iter().map(|t| t["share"].as_f64().unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    // What was taken is at least as good as the best alone, and beats the baseline on rows held back.
    let best = tried.iter().filter_map(|t| t["value"].as_f64()).fold(0.0, f64::max);
    let taken = match tried.iter().filter(|t| t["share"].as_f64().unwrap() > 0.0).count() {
        1 => tried.iter().find(|t| t["share"] == 1.0).unwrap()["value"].as_f64().unwrap(),
        _ => auto["average"]["value"].as_f64().unwrap(),
    };
    assert!(taken >= best, "{taken} {best}");
    assert!(report["metrics"]["roc_auc"].as_f64().unwrap() > 0.75, "{report}");
    assert!(done(&["predict", &model, &rows]).lines().count() > 800);

    let said = done(&[&base[..], &["--cv", "2", "--time-budget", "0.001s"]].concat());
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the time was over before all were tried"), "{said}");
}

#[test]
fn what_is_for_one_model_is_refused_where_several_are_tried() {
    let churn = workspace("data/telco_churn.csv");
    let base = ["train", text(&churn), "--target", "churn"];
    for (arguments, expected) in [
        (&["--model-type", "auto", "--param", "c=2"][..], "--param is for one model"),
        (&["--model-type", "auto", "--search", "model.c=0.1..2"], "--search is for one model"),
        (&["--time-budget", "60s"], "--time-budget is for --model-type auto and for --search"),
    ] {
        let said = fails(&[&base[..], arguments].concat());
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn rates_are_found_by_the_best_model() {
    let place = Place::new();
    let file = place.campaigns(400);
    let base = [
        "train",
        &file,
        "--target",
        "clicks",
        "--exposure",
        "impressions",
        "--exclude",
        "applications,spend,title,description",
    ];
    let model = place.path("auto.adflux");
    let report = json(&[&base[..], &["--model-type", "auto", "--cv", "2", "--importance", "0", "-o", &model]].concat());
    assert_eq!(report["target"], serde_json::json!(["clicks per impressions"]));
    let judged = json(&["evaluate", &model, &file, "--resamples", "0"]);
    assert!(judged["metrics"]["r2"].as_f64().unwrap() > 0.2, "{judged}");
    assert!(judged["warnings"][0].as_str().unwrap().contains("the table that it was trained on"), "{judged}");
    let names: Vec<&str> =
        report["auto"]["tried"].as_array().unwrap().iter().filter_map(|t| t["name"].as_str()).collect();
    assert!(names.contains(&"gradient-boosting, poisson"), "{names:?}");
    assert!(report["metrics"]["r2"].as_f64().unwrap() > 0.2, "{report}");
}
