//! What an app uses that cannot work here is said when it is pushed, by module and by the file that imports it; what fails, by the author's own lines.
use paas_tests::{Platform, eventually};

const INDEX: &str = "import { run } from './src/shell.ts';
import { listen } from './src/sockets.ts';

export default {
  fetch(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (pathname === '/run') return new Response(run('ls'));
    if (pathname === '/listen') return new Response(String(listen()));
    return new Response('what does not need them works');
  },
};
";
const SHELL: &str = "import { execSync } from 'node:child_process';

type Output = string;

export function run(command: string): Output {
  return execSync(command).toString();
}
";
const SOCKETS: &str = "import * as dgram from 'dgram';
import { fork } from 'node:child_process';

interface Socket {
  bind(): unknown;
}

export function listen(): unknown {
  const socket: Socket = dgram.createSocket('udp4');
  return socket.bind() ?? fork('other.js');
}
";

#[tokio::test(flavor = "multi_thread")]
async fn modules_that_cannot_work_are_listed_by_the_push_with_who_imports_them() {
    let platform = Platform::start().await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    let repository = developer.repository("ambitious").await;
    for (name, text) in [("index.ts", INDEX), ("src/shell.ts", SHELL), ("src/sockets.ts", SOCKETS)] {
        repository.write(name, text);
    }
    repository.commit("Use what is not there").await;
    let push = repository.push().await;
    let listed: String =
        push.stderr.lines().skip_while(|line| !line.contains("do not exist on this platform")).take(3).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(listed, @r"
    remote:        These modules do not exist on this platform; code that uses them throws:        
    remote:          child_process, imported by src/shell.ts, src/sockets.ts        
    remote:          dgram, imported by src/sockets.ts        
    ");
    push.ok();

    assert_eq!(visitor.get("ambitious", "/").await.text, "what does not need them works");
    for (path, words, place) in [
        ("/run", "child_process.execSync is not available in an app on this platform", "src/shell.ts:6:"),
        ("/listen", "dgram.createSocket is not available in an app on this platform", "src/sockets.ts:9:"),
    ] {
        assert!(visitor.get("ambitious", path).await.status.is_server_error());
        eventually(&format!("the log tells {place}"), async || {
            let log = developer.run("logs -n 200 -a ambitious").await.ok();
            (log.contains(words) && log.contains(place)).then_some(())
        })
        .await;
    }
}
