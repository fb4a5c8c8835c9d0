//! Calls by https: a real server on this machine, with certificates made for these tests.
use crate::{
    outbound::{ask, by, line, local, stage},
    stage::Stage,
};
use paas_model::limits::Limits;
use paas_runtime::NetworkConfig;
use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use std::{fs, path::PathBuf, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// What the guest is told: wasi:http's TLS-certificate-error and TLS-protocol-error.
const REFUSED: [&str; 2] = ["error 13", "error 12"];

/// A certificate for this name, until this year.
fn certificate(name: &str, until: i32) -> CertifiedKey<KeyPair> {
    let mut params = CertificateParams::new(vec![name.into()]).unwrap();
    params.not_after = date_time_ymd(until, 1, 1);
    let signing_key = KeyPair::generate().unwrap();
    CertifiedKey { cert: params.self_signed(&signing_key).unwrap(), signing_key }
}

/// A host that shows this certificate. Answers with its port.
async fn host(shown: &CertifiedKey<KeyPair>) -> u16 {
    let key = PrivateKeyDer::try_from(shown.signing_key.serialize_der()).unwrap();
    let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions().unwrap();
    let config = versions.with_no_client_auth().with_single_cert(vec![shown.cert.der().clone()], key).unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(acceptor.clone(), stream));
        }
    });
    port
}

async fn answer(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nsecret").await?;
    stream.shutdown().await
}

/// A node whose operator trusts this certificate beside the public ones.
fn trusting(trusted: &CertifiedKey<KeyPair>) -> (Stage, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path: PathBuf = dir.path().join("authorities.pem");
    fs::write(&path, trusted.cert.pem()).unwrap();
    (stage(NetworkConfig { authorities: Some(path), ..local() }), dir)
}

async fn call(stage: &Stage, scheme: &str, port: u16) -> String {
    let authority = format!("api.test:{port}");
    ask(&by(stage, scheme, Limits::default(), &[&authority], &authority, "/")).await
}

#[tokio::test]
async fn a_host_whose_certificate_an_operator_trusts_is_called_by_https() {
    let own = certificate("api.test", 2100);
    let (stage, _authorities) = trusting(&own);
    let port = host(&own).await;
    assert_eq!(call(&stage, "https", port).await, "200 secret.");
    assert!(line(&stage.log, "paas[outbound]: at=info").contains(&format!("host=api.test:{port} status=200")));
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_is_refused_and_the_log_says_why() {
    let (other_name, expired) = (certificate("other.test", 2100), certificate("api.test", 2020));
    for (trusted, why) in [(&other_name, "not valid for name"), (&expired, "expired")] {
        let (stage, _authorities) = trusting(trusted);
        let said = call(&stage, "https", host(trusted).await).await;
        assert!(REFUSED.contains(&said.as_str()), "{why}: {said}");
        let line = line(&stage.log, "paas[outbound]: at=error");
        assert!(line.contains(why), "{line}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (own, strangers) = (certificate("api.test", 2100), certificate("api.test", 2100));
    let (stage, _authorities) = trusting(&own);
    for stage in [&stage, &crate::outbound::stage(local())] {
        let said = call(stage, "https", host(&strangers).await).await;
        assert!(REFUSED.contains(&said.as_str()), "{said}");
    }
}

#[tokio::test]
async fn plain_http_is_not_spoken_to_a_host_of_https() {
    let own = certificate("api.test", 2100);
    let (stage, _authorities) = trusting(&own);
    let said = call(&stage, "http", host(&own).await).await;
    assert!(said.starts_with("error "), "{said}");
}
