using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Load;

/// <summary>The backend. It verifies what it is sent, and answers.</summary>
internal sealed unsafe partial class LoadLoop
{
    private const int AcceptsPerTurnMax = 64;

    private void AcceptAll()
    {
        for (int i = 0; i < AcceptsPerTurnMax; i++)
        {
            int fd = Libc.accept4(_listener, null, null, Libc.SockNonBlock | Libc.SockCloExec);
            if (fd < 0)
            {
                if (Libc.LastError is var error and not Libc.Eagain)
                    throw new LoadException($"the backend cannot accept: {Libc.Describe(error)}");
                return;
            }
            Connection connection = Take(fd, ConnectionSide.Backend);
            connection.HeaderDone = _options.Header == HeaderKind.None;
            _epoll.Add(fd, connection.HeaderDone && _options.Kind == LoadKind.Bulk ? Libc.EpollOut : Libc.EpollIn, connection.Slot);
        }
    }

    private void ServeBackend(Connection connection, uint events)
    {
        if (connection.HeaderDone && IsStream)
        {
            bool goesOn = _options.Kind == LoadKind.Bulk
                ? (events & (Libc.EpollErr | Libc.EpollHup)) == 0 && SendStream(connection)
                : Discard(connection);
            if (!goesOn) Close(connection);
            return;
        }
        nint received = Libc.recv(connection.Fd, _buffer, ReceiveBytes, Libc.MsgDontWait);
        if (received <= 0)
        {
            // A client that leaves is counted where it is served.
            if (received == 0 || Libc.LastError != Libc.Eagain) Close(connection);
            return;
        }
        int used = 0;
        if (!connection.HeaderDone)
        {
            switch (connection.TakeHeader(_options.Header, new ReadOnlySpan<byte>(_buffer, (int)received), _options.ProxyPort, out used))
            {
                case HeaderVerdict.Incomplete:
                    return;
                case HeaderVerdict.Wrong:
                    Refuse(connection, $"a wrong PROXY header at the "
                        + $"backend: {Convert.ToHexString(new ReadOnlySpan<byte>(_buffer, (int)Math.Min(received, 64)))}");
                    return;
            }
            connection.HeaderDone = true;
            if (_options.Kind == LoadKind.Bulk)
            {
                _epoll.Modify(connection.Fd, Libc.EpollOut, connection.Slot);
                return;
            }
        }
        ServeRequest(connection, _buffer + used, received - used);
    }

    private void ServeRequest(Connection connection, byte* bytes, nint count)
    {
        if (count == 0) return;
        if (_options.Kind == LoadKind.Upload)
        {
            if (_measuring) _bytes += count;
            return;
        }
        if (!Matches(connection, bytes, count))
        {
            Refuse(connection,
                $"a request of other bytes than were sent: {Convert.ToHexString(new ReadOnlySpan<byte>(bytes, (int)Math.Min(count, 64)))}");
            return;
        }
        connection.Remaining -= (int)count;
        if (connection.Remaining > 0) return;
        connection.Remaining = _message.Length;
        bool sent = Libc.send(connection.Fd, _messageAt, (nuint)_message.Length, Libc.MsgNoSignal) == _message.Length;
        if (!sent || _options.Kind == LoadKind.Connections) Close(connection);
    }

    private void Refuse(Connection connection, string what)
    {
        Close(connection);
        CountError(what);
    }
}
