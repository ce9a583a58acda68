"""Clients that mean harm, or are broken: each is refused, and the others do not notice.

The WebSocket frames are made by hand, as no library would send what stands here.

Usage: hostile_test.py PATH_TO_EVERYTHING_APP
"""

import base64
import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

APP = ''
TIMEOUT = 20


class Server:
    def __init__(self):
        self.process = subprocess.Popen([APP, '0'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rsplit(':', 1)[1])
        self.lines = []
        self.readers = [threading.Thread(target=self.read, args=(pipe,), daemon=True)
                        for pipe in (self.process.stdout, self.process.stderr)]
        for reader in self.readers:
            reader.start()

    def read(self, pipe):
        for line in pipe:
            self.lines.append(line.rstrip('\n'))

    def memory(self):
        """Bytes of memory in use."""
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('VmRSS')) * 1024

    def stop(self):
        self.process.stdin.close()
        status = self.process.wait(TIMEOUT)
        for reader in self.readers:
            reader.join(TIMEOUT)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


class Client:
    """A connection; by default one that greets like a browser."""

    def __init__(self, server, origin=None, host=None, path='/session', greets=True):
        self.socket = socket.create_connection(('127.0.0.1', server.port), TIMEOUT)
        self.rest = b''
        host = host or f'localhost:{server.port}'
        origin = f'http://{host}' if origin is None else origin
        self.send(f'GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n'
                  'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
                  f'Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n'
                  f'{"Origin: " + origin + chr(13) + chr(10) if origin else ""}\r\n'.encode())
        head = self.until(b'\r\n\r\n')
        self.status = int(head.split()[1])
        if greets and self.status == 101:
            self.say({'hello': {'session': '', 'rev': 0, 'query': []}})

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, size):
        while len(self.rest) < size:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def until(self, end):
        while end not in self.rest:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        data, self.rest = self.rest.split(end, 1)
        return data

    def frame(self, data, opcode=1, final=True, mask=True, announced=None):
        size = len(data) if announced is None else announced
        head = bytes([(0x80 if final else 0) | opcode])
        bit = 0x80 if mask else 0
        if size < 126:
            head += bytes([bit | size])
        elif size < 65536:
            head += bytes([bit | 126]) + struct.pack('>H', size)
        else:
            head += bytes([bit | 127]) + struct.pack('>Q', size)
        self.send(head + (b'\0\0\0\0' if mask else b'') + data)

    def say(self, message):
        self.frame(json.dumps(message).encode())

    def hear(self):
        """The next message as a tree, or the code of a close frame; None when it was cut off."""
        try:
            whole = b''
            while True:
                first, second = self.receive(2)
                size = second & 127
                if size == 126:
                    size, = struct.unpack('>H', self.receive(2))
                elif size == 127:
                    size, = struct.unpack('>Q', self.receive(8))
                data = self.receive(size)
                if first & 15 == 8:
                    return struct.unpack('>H', data[:2])[0] if len(data) >= 2 else 1005
                if first & 15 in (0, 1):
                    whole += data
                    if first & 128:
                        return json.loads(whole)
        except (EOFError, ConnectionError):
            return None

    def hear_end(self):
        """How the connection ends; what is said before is left out."""
        while True:
            heard = self.hear()
            if not isinstance(heard, dict):
                return heard

    def page(self):
        """The nodes of the page, when no run is under way: kind and label -> id."""
        nodes = {}
        while True:
            update = self.hear()
            assert isinstance(update, dict), update
            self.session = update.get('session', getattr(self, 'session', ''))
            self.ack = update['ack']
            self.notices = update.get('notices', [])
            for node in update.get('new', []):
                nodes[node['kind'], node['props'].get('label', node['props'].get('text', ''))] = node['id']
            if not update.get('busy') and nodes:
                return nodes


class HostileTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        lines = cls.server.lines
        status = cls.server.stop()
        assert status == 0, (status, lines[-10:])

    def setUp(self):
        self.clients = contextlib.ExitStack()
        self.addCleanup(self.clients.close)
        self.witness = self.client()
        self.nodes = self.witness.page()
        self.seq = 0

    def tearDown(self):
        # Whatever happened, somebody else goes on as before.
        self.assertEqual(self.set(self.witness, 'Name', 'still here'), 'name is still here')
        self.clients.close()

    def client(self, **options):
        client = Client(self.server, **options)
        self.clients.callback(client.close)
        return client

    def set(self, client, label, value):
        """What the page says about the text input after it was set."""
        self.seq += 1
        client.say({'event': {'seq': self.seq, 'set': [[self.nodes['text_input', label], value]]}})
        said = None
        while True:
            update = client.hear()
            self.assertIsInstance(update, dict)
            for _, props in update.get('set', []):
                if props.get('text', '').startswith('name is'):
                    said = props['text']
            if update['ack'] >= self.seq and not update.get('busy'):
                return said

    def logged(self, word):
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            if any(word in line for line in self.server.lines):
                return True
            time.sleep(0.01)
        return False

    def test_another_origin_or_host_is_refused(self):
        for origin in ('http://evil.example', 'null', 'http://localhost:1', ''):
            self.assertEqual(self.client(origin=origin or '').status, 403, origin)
        self.assertEqual(self.client(host='evil.example').status, 421)
        self.assertEqual(self.client(path='/elsewhere').status, 404)

    def test_what_is_no_message_closes_the_connection(self):
        for text in (b'', b'{', b'[]', b'{"bye": 1}', b'{"event": {"seq": -1}}', b'{"event": {"seq": 1, "set": 5}}',
                     b'{"event": {"seq": 1, "set": [[1, {"a": 1}]]}}', b'[' * 100, b'{"hello": 1}'):
            client = self.client()
            client.page()
            client.frame(text)
            self.assertEqual(client.hear_end(), 1008, text)
        self.assertTrue(self.logged('a message was refused'))

    def test_malformed_frames_close_the_connection(self):
        for name, act in {
            'no mask': lambda c: c.frame(b'{"stop": true}', mask=False),
            'reserved opcode': lambda c: c.frame(b'x', opcode=5),
            'binary': lambda c: c.frame(b'{"stop": true}', opcode=2),
            'continued from nothing': lambda c: c.frame(b'x', opcode=0),
            'fragmented ping': lambda c: c.frame(b'x', opcode=9, final=False),
            'long ping': lambda c: c.frame(b'x' * 126, opcode=9),
            'not UTF-8': lambda c: c.frame(b'{"stop": "\xff"}'),
            'reserved bits': lambda c: c.send(b'\xf1\x80\0\0\0\0'),
        }.items():
            client = self.client()
            client.page()
            act(client)
            self.assertIn(client.hear_end(), (1002, 1007, 1008, None), name)

    def test_a_message_of_a_gigabyte_is_refused_before_memory_is_taken(self):
        before = self.server.memory()
        for _ in range(20):
            client = self.client()
            client.page()
            client.frame(b'x' * 1000, announced=1 << 30)
            self.assertEqual(client.hear_end(), 1009)
        client = self.client()
        client.page()
        with contextlib.suppress(ConnectionError):  # it need not wait for all of it
            client.frame(b'{"stop": true}' + b' ' * (2 << 20))
        self.assertIn(client.hear_end(), (1009, None))
        self.assertLess(self.server.memory() - before, 32 << 20)
        self.assertTrue(self.logged('it is too large'))

    def test_fragments_count_together(self):
        client = self.client()
        client.page()
        with contextlib.suppress(ConnectionError):
            client.frame(b' ' * 65000, final=False)
            for _ in range(40):
                client.frame(b' ' * 65000, opcode=0, final=False)
        self.assertIn(client.hear_end(), (1009, None))

    def test_wrong_types_and_unknown_widgets_change_nothing(self):
        client = self.client()
        nodes = client.page()
        slider = nodes['slider', 'Cached slider']
        box = nodes['checkbox', 'Cached box']
        bad = [[slider, 'x'], [slider, 11], [slider, -1], [slider, 1.5], [slider, None], [slider, [1]],
               [box, 1], [nodes['text_input', 'Name'], 'x' * 21], [nodes['radio', 'Radio'], 'four'],
               [nodes['button', 'Press'], 5], [nodes['file_uploader', 'File'], 'x']]
        for number, one in enumerate(bad, 1):
            client.say({'event': {'seq': number, 'set': [one]}})
            while True:
                update = client.hear()
                self.assertIsInstance(update, dict, one)
                if update['ack'] >= number and not update.get('busy'):
                    break
            self.assertEqual(len(update.get('notices', [])), 1, (one, update))
            self.assertNotIn('set', update, one)
        client.say({'event': {'seq': 100, 'set': [[999_999, 1], [1, 1], [2, 1]], 'click': 4_000_000_000}})
        while client.hear()['ack'] < 100:
            pass
        self.assertTrue(self.logged('a value was refused'))
        self.assertTrue(self.logged('not on the page'))

    def test_a_session_is_not_found_by_guessing(self):
        for session in ('0' * 32, 'x', '../..', self.witness.session[:-1]):
            client = self.client(greets=False)
            client.say({'hello': {'session': session, 'rev': 0, 'query': []}})
            self.assertEqual(client.hear_end(), 4000)
        self.assertRegex(self.witness.session, '^[0-9a-f]{32}$')

    def test_what_comes_before_a_hello_is_refused(self):
        client = self.client(greets=False)
        client.say({'event': {'seq': 1}})
        self.assertEqual(client.hear_end(), 1008)
        client = self.client()
        client.page()
        client.say({'hello': {'session': '', 'rev': 0, 'query': []}})
        self.assertEqual(client.hear_end(), 1008)

    def test_a_flood_ends_the_connection(self):
        client = self.client()
        nodes = client.page()
        with contextlib.suppress(ConnectionError):
            for number in range(1, 2000):
                client.say({'event': {'seq': number, 'set': [[nodes['slider', 'Cached slider'], number % 11]]}})
        self.assertIn(client.hear_end(), (1008, None))
        self.assertTrue(self.logged('too many in a short time'))

    def test_a_reader_that_reads_nothing_costs_one_update(self):
        client = self.client()
        nodes = client.page()
        before = self.server.memory()
        for number in range(1, 150):
            client.say({'event': {'seq': number, 'set': [[nodes['slider', 'Share'], number % 5 / 4]]}})
        self.assertEqual(self.set(self.witness, 'Name', 'not held up'), 'name is not held up')
        self.assertLess(self.server.memory() - before, 16 << 20)

    def test_requests_that_are_none(self):
        for text, wanted in ((b'\r\n\r\n' * 100, None), (b'GET / HTTP/1.1\r\n\r\n', b'421'),
                             (b'GET /' + b'x' * 40000 + b' HTTP/1.1\r\n\r\n', None),
                             (b'GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n', b'404'),
                             (b'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n', b'405'),
                             (b'POST /upload?3 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n', b'403'),
                             (b'GET /session HTTP/1.1\r\nHost: localhost\r\n\r\n', b'426'),
                             (os.urandom(2000), None)):
            with socket.create_connection(('127.0.0.1', self.server.port), TIMEOUT) as plain:
                plain.settimeout(TIMEOUT)
                with contextlib.suppress(OSError):
                    plain.sendall(text)
                    if wanted is None:
                        plain.shutdown(socket.SHUT_WR)
                    answer = plain.recv(100)
                    if wanted:
                        self.assertIn(wanted, answer[:20])

    def test_an_upload_that_is_too_large_is_refused_before_it_is_read(self):
        node = self.nodes['file_uploader', 'File']
        head = (f'POST /upload?{node} HTTP/1.1\r\nHost: localhost:{self.server.port}\r\n'
                f'Origin: http://localhost:{self.server.port}\r\nX-Name: a.txt\r\n')
        for session, length, wanted in ((self.witness.session, 1 << 40, b'413'), (self.witness.session, 1001, b'413'),
                                        ('0' * 32, 5, b'404')):
            with socket.create_connection(('127.0.0.1', self.server.port), TIMEOUT) as plain:
                plain.sendall(f'{head}X-Session: {session}\r\nContent-Length: {length}\r\n\r\n'.encode())
                self.assertIn(wanted, plain.recv(100)[:20])
        chunked = (f'{head}X-Session: {self.witness.session}\r\nTransfer-Encoding: chunked\r\n\r\n').encode()
        with socket.create_connection(('127.0.0.1', self.server.port), TIMEOUT) as plain:
            plain.sendall(chunked + b'7d0\r\n' + b'x' * 2000 + b'\r\n')
            self.assertIn(b'413', plain.recv(100)[:20])


if __name__ == '__main__':
    APP = sys.argv.pop(1)
    unittest.main(verbosity=2)
