//! Keys made from passwords: by the host, and counted as the request's own time.
use crate::app::{App, Node};
use paas_model::Code;

/// The standards' own examples, and hashes that Werkzeug and Django made on a machine.
const HASHES: &str = r#"
import hashlib

from django.conf import settings

settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher", "django.contrib.auth.hashers.ScryptPasswordHasher"])
from django.contrib.auth import hashers
from werkzeug.security import check_password_hash, generate_password_hash

AT_BOOT = generate_password_hash("secret")

def seen():
    yield hashlib.pbkdf2_hmac("sha1", b"password", b"salt", 4096).hex() == "4b007901b765489abead49d926f721d065a429c1"
    yield hashlib.scrypt(b"password", salt=b"NaCl", n=1024, r=8, p=16, dklen=8).hex() == "fdbabe1c9d347200"
    yield hashlib.pbkdf2_hmac("md5", b"password", b"salt", 2).hex() == "042407b552be345ad6eee2cf2f7ed01d"
    yield AT_BOOT.startswith("scrypt:32768:8:1$") and check_password_hash(AT_BOOT, "secret") and not check_password_hash(AT_BOOT, "Secret")
    yield check_password_hash(generate_password_hash("secret", "pbkdf2:sha512:210000"), "secret")
    yield check_password_hash("pbkdf2:sha256:260000$salt$84fbd512eb440a9d098d1858ab089b82a4de7d3a3f0f32979c2ae82f46a84973", "secret")
    yield hashers.check_password("secret", "pbkdf2_sha256$1000000$salt$GubBarxe9kXAqYKg0Jq/bTRYpGUH06IBLAlelB87Pf4=")
    made = hashers.make_password("secret")
    yield made.startswith("pbkdf2_sha256$") and hashers.check_password("secret", made) and not hashers.check_password("Secret", made)
    yield hashers.check_password("secret", hashers.make_password("secret", hasher="scrypt"))
    try:
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31)
    except ValueError as error:
        yield "Ask for fewer" in str(error)

def app(environ, start_response):
    start_response("200 OK", [])
    return [repr(list(seen())).encode()]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn password_hashers_of_frameworks_work_at_boot_and_in_requests() {
    let node = Node::shared();
    let files = [("app.py", HASHES), ("requirements.txt", "django==5.2.8\nwerkzeug==3.1.3\n")];
    let mut release = App::build(node, &files).release(&[]);
    // Hashing takes its time on a machine that is busy with other tests.
    (release.limits.first_byte_ms, release.limits.cpu_ms) = (600_000, 600_000);
    assert_eq!(node.get(&release, "/").await.text(), format!("{:?}", ["True"; 10]).replace('"', ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_computes_for_a_request_counts_as_its_processor_time() {
    let node = Node::shared();
    let source = "import hashlib\n\ndef app(environ, start_response):\n    for _ in range(1000):\n        hashlib.pbkdf2_hmac('sha256', b'x', b'y', 1000000)\n    start_response('200 OK', [])\n    return []\n";
    let mut release = App::build(node, &[("app.py", source)]).release(&[]);
    release.limits.cpu_ms = 500;
    node.runtime.prepare(&release).await.unwrap();
    let app = node.runtime.app(release);
    app.load().await.unwrap();
    let request = http::Request::get("/").header("host", "app.test").body(crate::app::empty()).unwrap();
    let failure = app.handle(request).await.result.expect_err("it is ended, not answered");
    assert_eq!(failure.code, Code::H12, "{failure}");
    assert!(failure.detail.contains("its 500 ms of processor time"), "{failure}");
}
