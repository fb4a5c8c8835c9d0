//! Packs a folder as a `.tar.gz`: in order and without dates, so that the same files give the same bytes.
use crate::failure::{Failure, Result};
use crate::git;
use flate2::{Compression, GzBuilder, write::GzEncoder};
use std::fs::{self, File};
use std::io::{self, Seek};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

/// What git keeps of the folder; all but `.git` outside of a repository.
pub fn pack_kept(folder: &Path) -> Result<File> {
    match git::files(folder) {
        // A file may be removed and still be known to git.
        Some(files) => pack(folder, files.into_iter().filter(|file| folder.join(file).symlink_metadata().is_ok()).collect()),
        None => pack_all(folder),
    }
}

/// All of the folder but its `.git`.
pub fn pack_all(folder: &Path) -> Result<File> {
    let mut files = Vec::new();
    walk(folder, Path::new(""), &mut files).map_err(|error| failed(folder, &error))?;
    pack(folder, files)
}

fn walk(folder: &Path, below: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true if entry.file_name() == ".git" => {}
            true => walk(folder, &path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

fn pack(folder: &Path, mut files: Vec<PathBuf>) -> Result<File> {
    if files.is_empty() {
        return Err(Failure::Refused(format!("{} has no files to send. Name the app's folder.", folder.display())));
    }
    files.sort();
    files.dedup();
    write(folder, &files).map_err(|error| failed(folder, &error))
}

fn write(folder: &Path, files: &[PathBuf]) -> io::Result<File> {
    let encoder: GzEncoder<File> = GzBuilder::new().write(tempfile::tempfile()?, Compression::default());
    let mut archive = Builder::new(encoder);
    for file in files {
        add(&mut archive, &folder.join(file), file)?;
    }
    let mut packed = archive.into_inner()?.finish()?;
    packed.rewind()?;
    Ok(packed)
}

fn add(archive: &mut Builder<GzEncoder<File>>, path: &Path, name: &Path) -> io::Result<()> {
    let metadata = path.symlink_metadata()?;
    let mut header = Header::new_gnu();
    header.set_mode(if metadata.permissions().mode() & 0o100 != 0 { 0o755 } else { 0o644 });
    if metadata.is_symlink() {
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        return archive.append_link(&mut header, name, fs::read_link(path)?);
    }
    if !metadata.is_file() {
        return Ok(()); // a submodule's folder, a socket: nothing that could be sent
    }
    header.set_size(metadata.len());
    archive.append_data(&mut header, name, File::open(path)?)
}

fn failed(folder: &Path, error: &io::Error) -> Failure {
    Failure::local(format_args!("pack {}", folder.display()), error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn bytes(mut file: File) -> Vec<u8> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_same_files_give_the_same_archive_whenever_they_were_written() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        for (folder, names) in folders.iter().zip([["a", "b/c"], ["b/c", "a"]]) {
            for name in names {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, name).unwrap();
            }
        }
        let [one, other] = folders.each_ref().map(|folder| bytes(pack_all(folder.path()).unwrap()));
        assert!(!one.is_empty() && one == other);
    }

    #[test]
    fn an_empty_folder_is_refused() {
        assert!(pack_all(tempfile::tempdir().unwrap().path()).is_err());
    }
}
