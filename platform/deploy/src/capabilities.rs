//! What the push says an app may do, and what of that is new.
use paas_model::{AppName, Egress};

/// `clock, http-out (api.stripe.com), log · new: http-out`. `before`: of the release that answers now, if it has code that was looked at.
pub fn line(now: &[String], before: Option<&[String]>, egress: &Egress, files_at: Option<&str>, app: &AppName) -> String {
    let told = |word: &String| match word.as_str() {
        "http-out" if egress.is_empty() => format!("http-out (no host allowed yet: paas egress:allow HOST -a {app})"),
        "http-out" => format!("http-out ({egress})"),
        "files" => files_at.map_or("files (none)".into(), |at| format!("files ({at}, to read)")),
        "sockets" => "sockets (none)".into(),
        other => other.to_string(),
    };
    let all = now.iter().map(told).collect::<Vec<_>>().join(", ");
    let is_new = |word: &&String| before.is_some_and(|before| !before.contains(word));
    match now.iter().filter(is_new).cloned().collect::<Vec<_>>().join(", ") {
        new if new.is_empty() => all,
        new => format!("{all} · new: {new}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(now: &[&str], before: Option<&[&str]>, hosts: &[&str]) -> String {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        let egress = Egress(hosts.iter().map(|host| host.parse().unwrap()).collect());
        line(&words(now), before.map(words).as_deref(), &egress, None, &"hello".parse().unwrap())
    }

    #[test]
    fn what_is_new_is_named_and_calls_say_where_they_may_go() {
        assert_eq!(
            said(&["http-out", "log"], Some(&["log"]), &["api.stripe.com", "*.example.com"]),
            "http-out (*.example.com, api.stripe.com), log · new: http-out"
        );
        assert_eq!(said(&["log"], Some(&["http-out", "log"]), &[]), "log");
        assert_eq!(said(&["http-out"], None, &[]), "http-out (no host allowed yet: paas egress:allow HOST -a hello)");
        assert_eq!(said(&["files", "sockets"], Some(&["files", "sockets"]), &[]), "files (none), sockets (none)");
    }
}
