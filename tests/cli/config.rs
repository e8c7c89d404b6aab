//! `captui config` and `captui keys` with the real binary.

use std::fs;

use crate::support::Home;
use crate::support::command::run;

/// A home with this configuration.
fn home_with(config: &str) -> Home {
    let home = Home::new();
    let folder = home.path().join("config/captui");
    fs::create_dir_all(&folder).expect("can be made");
    fs::write(folder.join("config.toml"), config).expect("can be written");
    home
}

/// An environment with these lines in place of what would be right.
fn environment(lines: &str) -> String {
    let mut text = "[environments.dev]\n".to_owned();
    for (key, right) in [
        ("domain", "domain = 'h'"),
        ("class", "class = 'dev'"),
        ("client_id", "client_id = 'i'"),
        ("secret_env", "secret_env = 'S'"),
    ] {
        if !lines.contains(key) {
            text.push_str(right);
            text.push('\n');
        }
    }
    text + lines
}

/// Each mistake is told with file, line and what to do instead.
#[test]
fn mistakes_in_the_configuration_name_line_and_remedy() {
    let cases: [(String, usize, &str); 26] = [
        (
            "default_enviroment = 'x'".into(),
            1,
            "did you mean `default_environment`?",
        ),
        (
            "default_environment = 3".into(),
            1,
            "default_environment = \"text\"",
        ),
        (
            "default_environment = 'prod'".into(),
            1,
            "the environments are: sandbox",
        ),
        (
            "[timeouts]\nconnect_seconds = '10'".into(),
            2,
            "connect_seconds = 10",
        ),
        (
            "[timeouts]\nconnect_seconds = -1".into(),
            2,
            "a whole number from 0 on",
        ),
        (
            "[timeouts]\nconnect_seconds = 0".into(),
            2,
            "between 1 and 3600",
        ),
        (
            "[timeout]\nconnect_seconds = 1".into(),
            1,
            "did you mean `timeouts`?",
        ),
        (
            "[history]\nenabled = yes".into(),
            2,
            "true, false and numbers do not",
        ),
        ("[history]\nenabled = 'yes'".into(), 2, "enabled = true"),
        (
            "[history]\nexcept = 'sandbox'".into(),
            2,
            "except = [\"one\", \"two\"]",
        ),
        (
            "[history]\nexcept = ['sandbx']".into(),
            2,
            "did you mean `sandbox`?",
        ),
        (
            "[history]\nmax_megabytes = 1".into(),
            2,
            "must be at least 32",
        ),
        (environment("domain = 'my app'"), 5, "domain = \"https://"),
        (environment("class = 'prodd'"), 5, "did you mean \"prod\"?"),
        (environment("auth = 'token'"), 6, "auth = \"basic\""),
        (
            "[environments.dev]\nclass = 'dev'".into(),
            1,
            "add a line: domain = ",
        ),
        (
            environment("features = ['owners']"),
            6,
            "did you mean \"owner\"?",
        ),
        (
            environment("secret_file = 'f'"),
            1,
            "exactly one of secret_env",
        ),
        (
            environment("client_secret = 'inline'"),
            6,
            "the keys here are: ",
        ),
        (
            "[environments.dev\ndomain = 'h'".into(),
            1,
            "captui config init",
        ),
        (
            environment("class = 'dev'\nclass = 'dev'"),
            6,
            "remove one of the two",
        ),
        (
            "[environments]\ndev = 'x'".into(),
            2,
            "write [environments.dev]",
        ),
        (
            "[keys]\n'form.ad' = 'i'".into(),
            2,
            "did you mean `form.add`?",
        ),
        ("[keys]\n'form.add' = 'ctrl+x'".into(), 2, "ctrl-s"),
        ("[keys]\n'form.add' = 'd'".into(), 2, "\"form.delete\" = []"),
        ("keys = 'x'".into(), 1, "[keys], and below it"),
    ];
    for (config, line, remedy) in cases {
        let home = home_with(&config);
        let checked = run(&home, &["config", "check"], "");
        let said = checked.stdout + &checked.stderr;
        assert!(matches!(checked.status, Some(1 | 2)), "{config}: {said}");
        assert!(
            said.contains(&format!("config.toml:{line}:")),
            "{config}: {said}"
        );
        assert!(said.contains(remedy), "{config}: {said}");
        assert!(!said.contains("inline"), "{said}");
    }
}

#[test]
fn all_that_is_wrong_about_keys_is_told_at_once() {
    let home = home_with("[keys]\n'form.ad' = 'i'\n'form.add' = 'd'\nform.clone = 'hyper-x'\n");
    let checked = run(&home, &["config", "check"], "");
    assert_eq!(checked.status, Some(1), "{}", checked.stderr);
    for line in 2..=4 {
        let place = format!("config.toml:{line}:");
        assert!(checked.stdout.contains(&place), "{}", checked.stdout);
    }
    let keys = run(&home, &["keys"], "");
    assert_eq!(keys.status, Some(2));
    assert!(
        keys.stderr.contains("2 more: captui config check"),
        "{}",
        keys.stderr
    );
}

#[test]
fn the_verbs_are_listed_with_the_keys_in_force() {
    let home = home_with("[keys]\n'app.quit' = ['ctrl-q', 'g q']\n'form.add' = []\n");
    let listed = run(&home, &["keys"], "");
    assert_eq!(listed.status, Some(0), "{}", listed.stderr);
    let line = |id: &str| {
        let found = listed.stdout.lines().find(|line| line.contains(id));
        found.unwrap_or_default().to_owned()
    };
    assert!(
        line("app.quit").contains("Ctrl-Q, g q"),
        "{}",
        line("app.quit")
    );
    assert!(
        line("types.choose").contains("(captui "),
        "{}",
        line("types.choose")
    );
    let json = run(&home, &["keys", "--json"], "");
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("is JSON");
    let add = json.as_array().expect("is one").iter();
    let add = add.filter(|verb| verb["verb"] == "form.add").count();
    assert_eq!(add, 1);
}
