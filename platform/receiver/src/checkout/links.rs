//! Symbolic links: each has to lead to a place inside the source, whatever other links are on its way.
use super::{
    CheckoutError,
    plan::{Folder, Node},
    refused,
};

/// As many links on the way to one place as Linux follows (path_resolution(7)).
const MAX_HOPS: usize = 40;

pub(super) fn check(root: &Folder) -> Result<(), CheckoutError> {
    check_folder(root, root, &mut Vec::new())
}

fn check_folder(root: &Folder, folder: &Folder, path: &mut Vec<String>) -> Result<(), CheckoutError> {
    for (name, node) in folder {
        match node {
            Node::File { .. } => {}
            Node::Link { target } => {
                if let Err(fault) = (Walk { root, at: path.clone(), hops: 0 }).follow(target) {
                    path.push(name.clone());
                    return refused(&path.join("/"), fault.sentence(target));
                }
            }
            Node::Folder(inner) => {
                path.push(name.clone());
                check_folder(root, inner, path)?;
                path.pop();
            }
        }
    }
    Ok(())
}

enum Fault {
    Absolute,
    Leaves,
    Loop,
}

impl Fault {
    fn sentence(&self, target: &str) -> String {
        let why = match self {
            Self::Absolute => "an absolute path",
            Self::Leaves => "outside of the source",
            Self::Loop => "in a circle",
        };
        format!("is a link to {}, which leads {why}. Replace it by the file itself, then push again.", target.escape_debug())
    }
}

/// Goes where the kernel would go.
struct Walk<'a> {
    root: &'a Folder,
    /// The folder reached so far, without any links.
    at: Vec<String>,
    hops: usize,
}

impl<'a> Walk<'a> {
    fn follow(&mut self, target: &str) -> Result<(), Fault> {
        self.hops += 1;
        if self.hops > MAX_HOPS {
            return Err(Fault::Loop);
        }
        if target.starts_with('/') {
            return Err(Fault::Absolute);
        }
        for part in target.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(self.at.pop().ok_or(Fault::Leaves)?),
                name => match self.link(name) {
                    Some(target) => self.follow(target)?,
                    None => self.at.push(name.into()),
                },
            }
        }
        Ok(())
    }

    /// The target of the link that has this name here, if it is one. What isn't in the source may be made by the build: no link.
    fn link(&self, name: &str) -> Option<&'a str> {
        let mut folder = self.root;
        for part in &self.at {
            let Some(Node::Folder(inner)) = folder.get(part) else { return None };
            folder = inner;
        }
        match folder.get(name) {
            Some(Node::Link { target }) => Some(target),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::plan::Content;

    /// A source of the given links and one file, `folder/file`.
    fn checked(links: &[(&str, &str)]) -> Result<(), String> {
        let mut root = Folder::new();
        let file = Node::File { content: Content::Range { at: 0, bytes: 0 }, executable: false };
        root.insert("folder".into(), Node::Folder([("file".to_string(), file)].into()));
        for (path, target) in links {
            let node = Node::Link { target: target.to_string() };
            match path.split_once('/') {
                None => root.insert(path.to_string(), node),
                Some((folder, name)) => match root.entry(folder.into()).or_insert_with(|| Node::Folder(Folder::new())) {
                    Node::Folder(inner) => inner.insert(name.into(), node),
                    _ => panic!("{folder} is no folder"),
                },
            };
        }
        check(&root).map_err(|error| error.to_string())
    }

    #[test]
    fn links_inside_the_source_are_taken() {
        assert_eq!(checked(&[("a", "folder/file"), ("folder/up", "../a"), ("here", "."), ("b", "here/folder/./file"), ("later", "dist/x")]), Ok(()));
    }

    #[test]
    fn links_that_leave_the_source_are_refused() {
        for target in ["/etc/passwd", "..", "folder/../../x", "//x", "folder/../../source/folder"] {
            assert!(checked(&[("a", target)]).is_err(), "{target}");
        }
        assert!(checked(&[("folder/a", "../..")]).is_err());
    }

    #[test]
    fn a_link_does_not_leave_through_another_link() {
        let refusal = checked(&[("folder/up", ".."), ("out", "folder/up/../x")]).unwrap_err();
        assert!(refusal.starts_with("out is a link to folder/up/../x, which leads outside of the source."), "{refusal}");
    }

    #[test]
    fn links_in_a_circle_are_refused() {
        assert!(checked(&[("a", "b"), ("b", "a")]).unwrap_err().contains("circle"));
        assert!(checked(&[("a", "a/a/a/a")]).unwrap_err().contains("circle"));
    }
}
