// What is known of a file. All files are as old as the release.
import { basename } from "node:path";

const [FOLDER_MODE, FILE_MODE] = [0o40555, 0o100444];
const born = new Date(Math.floor(Date.now() / 1000) * 1000);

class Kind {
  #folder;
  constructor(folder) {
    this.#folder = folder;
  }
  isDirectory() {
    return this.#folder;
  }
  isFile() {
    return !this.#folder;
  }
}
for (const name of ["isSymbolicLink", "isFIFO", "isSocket", "isBlockDevice", "isCharacterDevice"]) Kind.prototype[name] = () => false;

export class Stats extends Kind {
  constructor({ folder, size }) {
    super(folder);
    Object.assign(this, { dev: 1, ino: 0, mode: folder ? FOLDER_MODE : FILE_MODE, nlink: 1, uid: 0, gid: 0, rdev: 0, size, blksize: 4096, blocks: Math.ceil(size / 512) });
    for (const name of ["atime", "mtime", "ctime", "birthtime"]) Object.assign(this, { [name]: born, [`${name}Ms`]: born.getTime() });
  }
}

export class Dirent extends Kind {
  constructor(path, folder, parent) {
    super(folder);
    Object.assign(this, { name: basename(path), parentPath: parent, path: parent });
  }
}
