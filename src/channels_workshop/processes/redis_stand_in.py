"""fakeredis' TCP server as a program: `python -m channels_workshop.processes.redis_stand_in PORT`."""

import sys

from fakeredis import TcpFakeServer


def main(port: int) -> None:
    server = TcpFakeServer(("127.0.0.1", port), server_type="redis")
    # Nagle's algorithm holds small answers back for 40 ms: 200 messages took 10 s instead of 2.
    server.RequestHandlerClass.disable_nagle_algorithm = True  # type: ignore[attr-defined]
    print("Ready to accept connections", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
