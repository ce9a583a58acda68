// The server under test: a program that prints where it listens, then what it executes.
import {spawn} from 'node:child_process';
import net from 'node:net';
import {createInterface} from 'node:readline';

export class Server {
  // `port` 0: any that is free.
  static async start(program, args) {
    const server = new Server();
    server.lines = [];
    server.child = spawn(program, args, {stdio: ['pipe', 'pipe', 'pipe']});
    server.ended = new Promise((resolve) => server.child.on('close', (code, signal) => resolve({code, signal})));
    server.errors = [];
    createInterface({input: server.child.stderr}).on('line', (line) => server.errors.push(line));
    server.url = await new Promise((resolve, reject) => {
      server.ended.then(({code}) => reject(new Error(`${program} ended with ${code}: ${server.errors.join('\n')}`)));
      createInterface({input: server.child.stdout}).on('line', (line) => {
        const where = /http:\/\/[^ ]+/.exec(line);
        if (where) resolve(where[0]);
        else server.lines.push(line);
      });
    });
    return server;
  }

  // What was executed since the last time.
  take() {
    return this.lines.splice(0).map((line) => line.replace('executed: ', ''));
  }

  // Lets go on what is slow.
  go() {
    this.child.stdin.write('\n');
  }

  // Gives how it ended.
  async stop(signal = 'SIGINT') {
    this.child.kill(signal);
    return this.ended;
  }
}

// A wire between browser and server that can be cut.
export class Wire {
  static async to(server) {
    const wire = new Wire();
    wire.ends = new Set();
    wire.isCut = false;
    const port = Number(new URL(server.url).port);
    wire.listener = net.createServer((near) => {
      if (wire.isCut) return near.destroy();
      const far = net.connect(port, '127.0.0.1');
      for (const [one, other] of [[near, far], [far, near]]) {
        wire.ends.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => { wire.ends.delete(one); other.destroy(); });
      }
    });
    await new Promise((resolve) => wire.listener.listen(0, '127.0.0.1', resolve));
    wire.url = `http://127.0.0.1:${wire.listener.address().port}`;
    return wire;
  }

  cut() {
    this.isCut = true;
    for (const end of this.ends) end.destroy();
  }
  mend() { this.isCut = false; }
  close() {
    this.cut();
    this.listener.close();
  }
}
