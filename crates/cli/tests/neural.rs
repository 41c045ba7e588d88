//! `--model-type mlp`: there in a command built with the feature `neural`, told of in one without.

#[cfg(not(feature = "neural"))]
#[test]
fn a_command_without_networks_says_how_to_get_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let rows: String = (0..60).map(|row| format!("{},{}\n", row % 7, row % 3)).collect();
    std::fs::write(&file, format!("x,y\n{rows}")).unwrap();
    let said = crate::fails(&["train", crate::text(&file), "--target", "y", "--model-type", "mlp"]);
    assert!(said.contains("--features neural"), "{said}");
}

#[cfg(feature = "neural")]
mod with_networks {
    use crate::{adflux, err, out, text};
    use std::path::Path;

    fn done(arguments: &[&str]) -> String {
        let output = adflux(arguments);
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    }

    #[test]
    fn a_network_is_trained_judged_and_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("churn.adflux");
        let churn = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/telco_churn.csv");
        let (model, churn) = (text(&model), text(&churn));
        let train = ["train", churn, "--target", "churn", "--model-type", "mlp", "--format", "json", "-o", model];
        let few = ["--param", "epochs=5", "--param", "hidden=[16]"];
        let report: serde_json::Value = serde_json::from_str(&done(&[&train[..], &few].concat())).unwrap();
        assert_eq!(report["model"], "mlp");
        assert!(report["metrics"]["roc_auc"].as_f64().unwrap() > 0.7, "{}", report["metrics"]);
        assert!(done(&["inspect", model]).contains("mlp-classifier"));
        assert_eq!(done(&["predict", model, churn]), done(&["predict", model, churn]));
        let number = ["train", churn, "--target", "monthly_charges", "--model-type", "mlp", "--format", "json"];
        let report: serde_json::Value = serde_json::from_str(&done(&[&number[..], &few].concat())).unwrap();
        assert!(report["metrics"]["r2"].as_f64().unwrap() > 0.3, "{}", report["metrics"]);
    }
}
