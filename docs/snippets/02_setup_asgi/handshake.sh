# The handshake alone, and what HTTP answers to it.

# --8<-- [start:poke]
curl -si --max-time 2 http://127.0.0.1:8000/ws/echo/ \
  -H "Connection: Upgrade" \
  -H "Upgrade: websocket" \
  -H "Sec-WebSocket-Version: 13" \
  -H "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" \
  -H "Origin: http://127.0.0.1:8000"
# --8<-- [end:poke]
