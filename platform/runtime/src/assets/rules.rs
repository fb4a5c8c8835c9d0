//! `_headers` and `_redirects` in a site's root, as other static hosts read them.
//!
//! `_redirects`: `from to [status][!]` in each line; `_headers`: a path, and below it lines with white space in front, `Name: value`, or `! Name` to leave one out.
//! In a path `*` stands for anything and `:name` for one part; `:splat` and `:name` in `to` are what they stood for.
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

const MAX_RULES: usize = 2_000;

#[derive(Debug, Default)]
pub(super) struct Rules {
    headers: Vec<(String, Vec<Change>)>,
    redirects: Vec<Redirect>,
}

#[derive(Debug)]
enum Change {
    Add(HeaderName, HeaderValue),
    Remove(HeaderName),
}

#[derive(Debug)]
struct Redirect {
    from: String,
    to: String,
    status: StatusCode,
    /// Also where the site has a file.
    force: bool,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub to: String,
    pub status: StatusCode,
    pub force: bool,
}

/// Line and reason.
pub(super) type Fault = (usize, &'static str);

impl Rules {
    pub(super) fn read_redirects(&mut self, text: &str) -> Result<(), Fault> {
        for (number, line) in lines(text) {
            self.redirects.push(redirect(line).map_err(|reason| (number, reason))?);
        }
        limited(self.redirects.len())
    }

    pub(super) fn read_headers(&mut self, text: &str) -> Result<(), Fault> {
        for (number, line) in lines(text) {
            let fault = |reason| (number, reason);
            if line.starts_with('/') {
                self.headers.push((line.trim_end().into(), vec![]));
            } else if !line.starts_with(char::is_whitespace) {
                return Err(fault("a path begins with /"));
            } else {
                let (_, changes) = self.headers.last_mut().ok_or(fault("a header stands below a path"))?;
                changes.push(change(line.trim()).ok_or(fault("a header is written as `Name: value`"))?);
            }
        }
        limited(self.headers.len())
    }

    /// The first redirect for this path.
    pub(super) fn way(&self, path: &str) -> Option<Way> {
        self.redirects.iter().find_map(|redirect| {
            let found = capture(&redirect.from, path)?;
            Some(Way { to: fill(&redirect.to, &found), status: redirect.status, force: redirect.force })
        })
    }

    /// Applies what all paths that match say, in their order.
    pub(super) fn decorate(&self, path: &str, headers: &mut HeaderMap) {
        let mut added = vec![];
        for change in self.headers.iter().filter(|(pattern, _)| capture(pattern, path).is_some()).flat_map(|(_, changes)| changes) {
            match change {
                // What the platform says gives way; what several rules say comes together.
                Change::Add(name, value) if added.contains(&name) => drop(headers.append(name, value.clone())),
                Change::Add(name, value) => {
                    headers.insert(name, value.clone());
                    added.push(name);
                }
                Change::Remove(name) => drop(headers.remove(name)),
            }
        }
    }
}

/// Numbered from 1, without comments and empty ones.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
}

fn limited(rules: usize) -> Result<(), Fault> {
    if rules > MAX_RULES { Err((rules, "there are too many rules: 2,000 at most")) } else { Ok(()) }
}

fn redirect(line: &str) -> Result<Redirect, &'static str> {
    let words: Vec<&str> = line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
    let (from, to, status) = match words[..] {
        [from, to] => (from, to, "301"),
        [from, to, status] => (from, to, status),
        _ => return Err("a redirect is written as `/from /to 301`; conditions are not supported"),
    };
    if !from.starts_with('/') || from.matches('*').count() > 1 {
        return Err("what is redirected is a path that begins with /, with one * at most");
    }
    if !to.starts_with('/') && !to.starts_with("https://") && !to.starts_with("http://") {
        return Err("a redirect leads to a path that begins with /, or to a URL");
    }
    let force = status.ends_with('!');
    let status = match status.trim_end_matches('!') {
        "200" | "404" if to.starts_with('/') => status.trim_end_matches('!'),
        redirect @ ("301" | "302" | "303" | "307" | "308") => redirect,
        _ => return Err("the status is 301, 302, 303, 307 or 308, or for a file of the site 200 or 404"),
    };
    HeaderValue::try_from(to).map_err(|_| "a URL has no such characters")?;
    Ok(Redirect { from: from.into(), to: to.into(), status: status.parse().expect("one of those above"), force })
}

fn change(line: &str) -> Option<Change> {
    if let Some(name) = line.strip_prefix('!') {
        return name.trim().parse().ok().map(Change::Remove);
    }
    let (name, value) = line.split_once(':')?;
    Some(Change::Add(name.trim().parse().ok()?, value.trim().parse().ok()?))
}

/// What the pattern's `*` and `:name`s stand for in this path; `None` if it is another one.
fn capture<'p>(pattern: &'p str, path: &str) -> Option<Vec<(&'p str, String)>> {
    let Some(at) = pattern.find(['*', ':']) else { return (pattern == path).then(Vec::new) };
    let (before, special) = pattern.split_at(at);
    if special == "*" && before.strip_suffix('/') == Some(path) {
        return Some(vec![("splat", String::new())]);
    }
    let rest = path.strip_prefix(before)?;
    if let Some(after) = special.strip_prefix('*') {
        return Some(vec![("splat", rest.strip_suffix(after)?.into())]);
    }
    let name = &special[1..];
    let name = &name[..name.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(name.len())];
    let value = &rest[..rest.find('/').unwrap_or(rest.len())];
    if value.is_empty() {
        return None;
    }
    let mut found = capture(&special[1 + name.len()..], &rest[value.len()..])?;
    found.push((name, value.into()));
    Some(found)
}

/// From left to right, each time the longest name that stands there: `:user` is no part of `:username`, and what was filled in is not filled again.
fn fill(to: &str, found: &[(&str, String)]) -> String {
    let (before, rest) = to.split_once(':').map_or((to, None), |(before, rest)| (before, Some(rest)));
    let Some(rest) = rest else { return before.into() };
    let known = found.iter().filter(|(name, _)| rest.starts_with(name)).max_by_key(|(name, _)| name.len());
    let (value, rest) = known.map_or((":", rest), |(name, value)| (value, &rest[name.len()..]));
    format!("{before}{value}{}", fill(rest, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(text: &str, path: &str) -> Option<(String, u16, bool)> {
        let mut rules = Rules::default();
        rules.read_redirects(text).unwrap();
        rules.way(path).map(|way| (way.to, way.status.as_u16(), way.force))
    }

    #[test]
    fn a_placeholder_may_begin_with_the_name_of_another() {
        assert_eq!(way("/a/:user/:username /b/:username/:user", "/a/:username/x").unwrap().0, "/b/x/:username");
        assert_eq!(way("/a/* https://example.com:8080/:splat", "/a/b/c").unwrap().0, "https://example.com:8080/b/c");
    }

    #[test]
    fn the_first_redirect_that_matches_says_where_to() {
        let text = "# moved\n/old /new\n/blog/* /news/:splat 302\n/users/:id/posts/:post /p/:post?by=:id 308!\n/* /index.html 200 # the rest\n";
        assert_eq!(way(text, "/old"), Some(("/new".into(), 301, false)));
        assert_eq!(way(text, "/blog/a/b"), Some(("/news/a/b".into(), 302, false)));
        assert_eq!(way(text, "/blog"), Some(("/news/".into(), 302, false)));
        assert_eq!(way(text, "/users/7/posts/x"), Some(("/p/x?by=7".into(), 308, true)));
        assert_eq!(way(text, "/users/7"), Some(("/index.html".into(), 200, false)));
        assert_eq!(way("/a /b", "/c"), None);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_line() {
        for text in ["/a", "a /b", "/a b", "/a /b 500", "/a https://x.test 200", "/a /b 301 Country=de", "/*/* /b"] {
            let (line, _) = Rules::default().read_redirects(&format!("# first\n{text}\n")).unwrap_err();
            assert_eq!(line, 2, "{text}");
        }
        assert_eq!(Rules::default().read_headers("  X-A: 1\n").unwrap_err().0, 1);
        assert_eq!(Rules::default().read_headers("/*\n  nonsense\n").unwrap_err().0, 2);
    }

    #[test]
    fn headers_of_all_rules_come_together() {
        let mut rules = Rules::default();
        rules.read_headers("/*\n  X-A: 1\n  Cache-Control: no-store\n/a/*.js\n  X-A: 2\n  ! ETag\n").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("etag", "x".parse().unwrap());
        headers.insert("cache-control", "public".parse().unwrap());
        rules.decorate("/a/b.js", &mut headers);
        assert_eq!(headers.get_all("x-a").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((headers["cache-control"].to_str().unwrap(), headers.get("etag")), ("no-store", None));
        rules.decorate("/c", &mut headers);
        assert_eq!(headers.get_all("x-a").iter().count(), 1);
    }
}
