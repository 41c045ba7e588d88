//! `adflux forecast` and `adflux backtest`.

use crate::{adflux, err, fails, out, text, wrong};
use std::path::{Path, PathBuf};

/// Days of two campaigns from 4 March 2024 on, with a week in them; every tenth row of the second is not there.
fn daily(folder: &Path, days: usize) -> PathBuf {
    let path = folder.join("daily.csv");
    let mut csv = String::from("campaign,date,clicks,budget\n");
    for day in 0..days {
        let (month, of_month) = if day < 28 { (3, day + 4) } else { (4, day - 27) };
        let date = format!("2024-{month:02}-{of_month:02}");
        let week = [30, 34, 33, 31, 28, 8, 5][day % 7];
        csv.push_str(&format!("spring,{date},{},{}\n", 3 * week + day, 100 + day));
        if day % 10 != 9 {
            csv.push_str(&format!("jobs fair,{date},{},50\n", week));
        }
    }
    std::fs::write(&path, csv).unwrap();
    path
}

const COLUMNS: [&str; 6] = ["--id", "campaign", "--time", "date", "--value", "clicks"];

fn forecast<'a>(file: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    [&["forecast", text(file)][..], &COLUMNS, &["--horizon", "7"], more].concat()
}

#[test]
fn rows_are_id_time_mean_lower_upper_and_model() {
    let folder = tempfile::tempdir().unwrap();
    let file = daily(folder.path(), 42);
    let done = adflux(&forecast(&file, &["--min", "0"]));
    assert!(done.status.success(), "{}", err(&done));
    let rows = out(&done);
    let lines: Vec<&str> = rows.lines().collect();
    assert_eq!((lines.len(), lines[0]), (15, "id,time,mean,lower,upper,model"));
    assert!(lines[1].starts_with("spring,2024-04-15,") && lines[1].ends_with(",auto-ets"), "{}", lines[1]);
    for line in &lines[1..] {
        let [mean, lower, upper] = [2, 3, 4].map(|field| line.split(',').nth(field).unwrap().parse::<f64>().unwrap());
        assert!(0.0 < lower && lower < mean && mean < upper, "{line}");
    }
    let said = err(&done);
    assert!(said.contains("Forecast of clicks: 2 series, next 7 steps, 2024-04-15 to 2024-04-21"), "{said}");
    assert!(said.contains("In the data: 4 steps without a row (in 1 of 2 series)."), "{said}");
}

#[test]
fn the_report_is_json_and_sums_have_intervals() {
    let folder = tempfile::tempdir().unwrap();
    let file = daily(folder.path(), 42);
    let table = folder.path().join("forecast.csv");
    let done = adflux(&forecast(&file, &["-o", text(&table), "--format", "json", "--interval", "0.9"]));
    let report: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!((&report["model"], &report["horizon"]), (&"auto-ets".into(), &7.into()));
    let spring = &report["series"][0];
    let [sum, lower, upper] = ["sum", "lower", "upper"].map(|field| spring[field].as_f64().unwrap());
    assert!(lower < sum && sum < upper, "{spring}");
    let rows = std::fs::read_to_string(&table).unwrap();
    let means = rows.lines().skip(1).take(7).map(|line| line.split(',').nth(2).unwrap().parse::<f64>().unwrap());
    assert!((means.sum::<f64>() - sum).abs() < 1e-6 * sum);
}

#[test]
fn a_saved_model_goes_on_with_new_rows() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("clicks.adflux");
    let model = ["--model", "seasonal-naive", "--save", text(&saved)];
    let done = adflux(&forecast(&daily(folder.path(), 42), &model));
    assert!(done.status.success(), "{}", err(&done));
    let file = daily(folder.path(), 49);
    let done = adflux(&["forecast", text(&file), "--from", text(&saved), "--horizon", "7"]);
    assert!(done.status.success(), "{}", err(&done));
    let anew = adflux(&forecast(&file, &["--model", "seasonal-naive"]));
    let means =
        |rows: String| rows.lines().map(|l| l.split(',').take(3).collect::<Vec<_>>().join(",")).collect::<Vec<_>>();
    assert_eq!(means(out(&done)), means(out(&anew)), "the last week again, learned or not");
    assert!(fails(&["predict", text(&saved), text(&file)]).contains("holds a forecaster"));
    let said = out(&adflux(&["inspect", text(&saved)]));
    assert!(said.contains("clicks over date") && said.contains("2 series, named by campaign, 84 steps"), "{said}");
    std::fs::write(&saved, &std::fs::read(&saved).unwrap()[..300]).unwrap();
    assert!(fails(&["inspect", text(&saved)]).contains("cut short"));
}

#[test]
fn wrong_command_lines_say_what_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = daily(folder.path(), 42);
    for (more, said) in [
        (&["--model", "ets"][..], "--model ets: there are additive, arima, auto"),
        (&["--interval", "80"], "--interval 80"),
        (&["--season", "0"], "--season"),
        (&["--param", "speed=9"], "--param speed: auto-ets has no such parameter"),
        (&["--model", "auto-ets", "--param", "model=3"], "--param"),
        (&["--min", "5", "--max", "4"], "max"),
        (&["--save", "model.bin"], ".adflux"),
    ] {
        let error = wrong(&forecast(&file, more));
        assert!(error.contains(said), "{more:?}: {error}");
    }
    let error =
        wrong(&["forecast", text(&file), "--id", "campaign", "--time", "date", "--value", "click", "--horizon", "7"]);
    assert!(error.contains("click"), "{error}");
    let error = wrong(&["forecast", text(&file), "--horizon", "7"]);
    assert!(error.contains("--time and --value"), "{error}");
    let error = wrong(&[&["forecast", text(&file)][..], &COLUMNS, &["--horizon", "0"]].concat());
    assert!(error.contains("--horizon 0"), "{error}");
}

#[test]
fn one_bad_series_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = daily(folder.path(), 42);
    let mut csv = std::fs::read_to_string(&file).unwrap();
    csv.push_str("empty,2024-04-01,,1\nempty,2024-04-02,,1\ntwice,2024-04-01,3,1\ntwice,2024-04-01,4,1\n");
    std::fs::write(&file, csv).unwrap();
    let done = adflux(&forecast(&file, &[]));
    assert!(done.status.success(), "{}", err(&done));
    let said = err(&done);
    assert!(said.contains("Not forecast: empty: no values."), "{said}");
    assert!(said.contains("Left out of the data: twice:"), "{said}");
    assert_eq!(out(&done).lines().count(), 15);
}

#[test]
fn backtests_rank_models_and_measure_what_they_add() {
    let folder = tempfile::tempdir().unwrap();
    let file = daily(folder.path(), 49);
    let table = folder.path().join("windows.csv");
    let command = [&["backtest", text(&file)][..], &COLUMNS].concat();
    let more =
        ["--horizon", "7", "--models", "drift,auto-ets", "--windows", "2", "-o", text(&table), "--format", "json"];
    let done = adflux(&[&command[..], &more].concat());
    assert!(done.status.success(), "{}", err(&done));
    let report: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    let models = report["models"].as_array().unwrap();
    let names: Vec<&str> = models.iter().map(|row| row["model"].as_str().unwrap()).collect();
    assert_eq!(names[2], "drift", "a week is no line: {names:?}");
    for row in models {
        assert_eq!(row["points"], models[0]["points"]);
        let adds = row["value_added"].as_f64().unwrap();
        match row["model"].as_str().unwrap() {
            "seasonal-naive" => assert_eq!(adds, 0.0),
            "drift" => assert!(adds < 0.0),
            _ => assert!(adds > 0.0),
        }
    }
    let rows = std::fs::read_to_string(&table).unwrap();
    assert_eq!(rows.lines().next(), Some("id,time,model,origin,mean,lower,upper,truth"));
    assert_eq!(rows.lines().count(), 1 + 3 * 2 * 2 * 7, "models × series × windows × steps");
    let words = out(&adflux(&[&command[..], &["--horizon", "7"]].concat()));
    assert!(
        words.starts_with("Backtest of clicks: 2 series, 7 steps ahead") && words.contains("seasonal-naive"),
        "{words}"
    );
    let error = fails(&[&command[..], &["--horizon", "60"]].concat());
    assert!(error.contains("no series can be judged"), "{error}");
}

#[test]
fn parts_add_up_to_the_value_and_their_strength_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = daily(folder.path(), 49);
    let command = [&["decompose", text(&file)][..], &COLUMNS].concat();
    let table = folder.path().join("parts.csv");
    let done = adflux(&[&command[..], &["-o", text(&table), "--format", "json"]].concat());
    assert!(done.status.success(), "{}", err(&done));
    let report: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!((&report["seasons"][0], &report["series"][0]["id"]), (&7.into(), &"spring".into()));
    assert!(report["series"][0]["seasonal_strength"][0].as_f64().unwrap() > 0.9, "{report}");
    let rows = std::fs::read_to_string(&table).unwrap();
    let mut lines = rows.lines();
    assert_eq!(lines.next(), Some("id,time,value,trend,season_7,remainder"));
    for line in lines {
        let numbers: Vec<f64> = line.split(',').skip(2).map(|field| field.parse().unwrap()).collect();
        assert!((numbers[0] - numbers[1] - numbers[2] - numbers[3]).abs() < 1e-9, "{line}");
    }
    let error = wrong(&[&command[..], &["--season", "1"]].concat());
    assert!(error.contains("--season"), "{error}");
    let error = fails(&[&command[..], &["--season", "40"]].concat());
    assert!(error.contains("no series can be taken apart"), "{error}");
}

#[test]
fn anomalies_are_marked_in_the_table_and_told_in_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let file = daily(folder.path(), 56);
    let csv = std::fs::read_to_string(&file).unwrap().replace("spring,2024-03-20,115,", "spring,2024-03-20,900,");
    assert!(csv.contains(",900,"));
    std::fs::write(&file, csv).unwrap();
    let table = folder.path().join("judged.csv");
    let command = [&["anomalies", text(&file)][..], &COLUMNS, &["-o", text(&table)]].concat();
    let done = adflux(&[&command[..], &["--format", "json"]].concat());
    assert!(done.status.success(), "{}", err(&done));
    let report: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    let found = &report["anomalies"][0];
    assert_eq!(
        (&found["id"], &found["time"], &found["kind"]),
        (&"spring".into(), &"2024-03-20".into(), &"point".into())
    );
    let rows = std::fs::read_to_string(&table).unwrap();
    assert_eq!(rows.lines().next(), Some("id,time,value,expected,lower,upper,anomaly"));
    let marked: Vec<&str> = rows.lines().filter(|line| line.ends_with(",point")).collect();
    assert!(marked.len() == 1 && marked[0].starts_with("spring,2024-03-20,900"), "{marked:?}");
    let words = out(&adflux(&command));
    assert!(words.starts_with("Anomalies of clicks: ") && words.contains("2024-03-20"), "{words}");
    assert!(wrong(&[&command[..], &["--season", "7,0"]].concat()).contains("--season"));
    assert!(wrong(&[&command[..], &["--level", "0.6"]].concat()).contains("level"));
    let few = daily(folder.path(), 19);
    let error = fails(&[&["anomalies", text(&few)][..], &COLUMNS].concat());
    assert!(error.contains("no series can be judged") && error.contains("19 steps, where 20 are needed"), "{error}");
}

#[test]
fn a_backtest_is_sorted_by_the_first_measure_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = daily(folder.path(), 49);
    let command =
        [&["backtest", text(&file)][..], &COLUMNS, &["--horizon", "7", "--models", "auto-ets,naive"]].concat();
    let json = [&command[..], &["--measures", "rmse,wape,mase,r2", "--format", "json"]].concat();
    let report: serde_json::Value = serde_json::from_str(&out(&adflux(&json))).unwrap();
    assert_eq!(report["by"], "rmse");
    let of = |name: &str| -> Vec<f64> {
        report["models"].as_array().unwrap().iter().map(|row| row["measures"][name].as_f64().unwrap()).collect()
    };
    assert!(of("rmse").is_sorted() && of("wape").iter().chain(&of("mase")).all(|v| *v > 0.0), "{report}");
    let json = [&command[..], &["--measures", "r2", "--format", "json"]].concat();
    let report: serde_json::Value = serde_json::from_str(&out(&adflux(&json))).unwrap();
    let r2 = report["models"].as_array().unwrap().iter().map(|row| row["measures"]["r2"].as_f64().unwrap());
    assert!(r2.clone().rev().is_sorted() && r2.max_by(f64::total_cmp).unwrap() > 0.9, "{report}");
    let words = out(&adflux(&[&command[..], &["--measures", "wape,rmse"]].concat()));
    assert!(words.contains("WAPE") && words.contains("RMSE") && !words.contains("MASE"), "{words}");
    let error = wrong(&[&command[..], &["--measures", "rsme"]].concat());
    assert!(error.contains("--measures") && error.contains("did you mean `rmse`?"), "{error}");
    // Before the work, and so before the file is read.
    let none = ["backtest", "none.csv", "--id", "id", "--time", "t", "--value", "v", "--horizon", "7", "--measures"];
    let error = wrong(&[&none[..], &["mase,rsme"]].concat());
    assert!(error.contains("did you mean `rmse`?") && error.ends_with(", mase"), "{error}");
    for name in ["coverage", "mean_width"] {
        let error = wrong(&[&none[..], &[&format!("{name},mae")[..]]].concat());
        assert!(error.contains(name) && error.contains("put another before it, such as mae"), "{error}");
    }
    assert!(fails(&[&none[..], &["mase,coverage"]].concat()).contains("none.csv"));
}

#[test]
fn a_season_is_given_to_the_additive_model_as_waves() {
    let folder = tempfile::tempdir().unwrap();
    let (file, model) = (daily(folder.path(), 42), folder.path().join("clicks.adflux"));
    let rows = |season: &[&str]| {
        let done = adflux(&forecast(&file, &[&["--model", "additive", "--save", text(&model)], season].concat()));
        assert!(done.status.success(), "{}", err(&done));
        out(&done).lines().map(String::from).collect::<Vec<_>>()
    };
    let mean = |rows: &[String], day: usize| rows[day].split(',').nth(2).unwrap().parse::<f64>().unwrap();
    let (week, none) = (rows(&["--season", "7"]), rows(&["--season", "1"]));
    // Saturdays are far below Fridays; without a season all days are alike.
    assert!(mean(&week, 5) - mean(&week, 6) > 30.0, "{week:?}");
    assert!((mean(&none, 5) - mean(&none, 6)).abs() < 5.0, "{none:?}");
}
