using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Load;

/// <summary>The clients.</summary>
internal sealed unsafe partial class LoadLoop
{
    /// <summary>Opens what is missing, a burst at a time.</summary>
    private void TopUp()
    {
        for (int i = 0; _clients < _options.Connections && i < StartsPerTurnMax; i++)
        {
            if (Connect() is null) return;
        }
    }

    /// <summary>
    /// Begins a connection, and sends the request at once where the connect is done by then, as on loopback it mostly is.
    /// </summary>
    /// <returns>Null when it failed, which is counted.</returns>
    private Connection? Connect()
    {
        int fd = Libc.socket(Libc.AfInet, Libc.SockStream | Libc.SockNonBlock | Libc.SockCloExec, 0);
        if (fd < 0 && Libc.LastError is var reason)
            throw new LoadException($"no socket for client {_clients + 1}: {Libc.Describe(reason)} (see ulimit -n)");
        byte* address = stackalloc byte[16];
        if (Libc.connect(fd, address, Libc.WriteLoopback(address, _options.ProxyPort)) != 0
            && Libc.LastError is var error and not Libc.Einprogress)
        {
            _ = Libc.close(fd);
            CountError($"connect: {Libc.Describe(error)}");
            return null;
        }
        Connection client = Take(fd, ConnectionSide.Client);
        _clients++;
        switch (_options.Kind)
        {
            case LoadKind.Bulk:
                client.Sent = true;
                _epoll.Add(fd, Libc.EpollIn, client.Slot);
                break;
            case LoadKind.Upload:
                _epoll.Add(fd, Libc.EpollOut, client.Slot);
                break;
            default:
                client.Busy = true;
                client.Sent = Libc.send(fd, _messageAt, (nuint)_message.Length, Libc.MsgNoSignal) == _message.Length;
                if (client.Sent) OnRequestSent(client);
                else if (Libc.LastError is var refusal and not Libc.Eagain)
                {
                    // A refusal, which on loopback is there at once.
                    Break(client, $"connect: {Libc.Describe(refusal)}");
                    return null;
                }
                _epoll.Add(fd, client.Sent ? Libc.EpollIn : Libc.EpollIn | Libc.EpollOut, client.Slot);
                break;
        }
        return client;
    }

    private void ServeClient(Connection client, uint events)
    {
        switch (_options.Kind)
        {
            case LoadKind.Bulk:
                if (!Discard(client)) Break(client, "a stream ended at the client");
                return;
            case LoadKind.Upload:
                if ((events & (Libc.EpollErr | Libc.EpollHup)) != 0 || !SendStream(client)) Break(client, "a stream broke at the client");
                return;
        }
        if (!client.Sent && (events & Libc.EpollOut) != 0)
        {
            if (Libc.send(client.Fd, _messageAt, (nuint)_message.Length, Libc.MsgNoSignal) != _message.Length)
            {
                if (Libc.LastError is var error and not Libc.Eagain) Break(client, $"request: {Libc.Describe(error)}");
                return;
            }
            client.Sent = true;
            _epoll.Modify(client.Fd, Libc.EpollIn, client.Slot);
            OnRequestSent(client);
        }
        if ((events & (Libc.EpollIn | Libc.EpollErr | Libc.EpollHup)) != 0) ReceiveAnswer(client);
    }

    private void OnRequestSent(Connection client)
    {
        // There will be no answer to wait for.
        if (_options.Kind != LoadKind.Waiting) return;
        client.Answered = true;
        _answered++;
    }

    private void ReceiveAnswer(Connection client)
    {
        nint received = Libc.recv(client.Fd, _buffer, ReceiveBytes, Libc.MsgDontWait);
        if (received < 0)
        {
            if (Libc.LastError is var error and not Libc.Eagain) Break(client, $"answer: {Libc.Describe(error)}");
            return;
        }
        if (received == 0)
        {
            if (_options.Kind != LoadKind.Connections || client.Remaining != 0)
                Break(client, "a connection ended before its answer was whole");
            else Finish(client);
            return;
        }
        if (!Matches(client, _buffer, received))
        {
            Break(client, $"an answer of other bytes than were sent: {received} came, {client.Remaining} were left");
            return;
        }
        client.Remaining -= (int)received;
        if (client.Remaining == 0 && _options.Kind != LoadKind.Connections) OnAnswer(client);
    }

    /// <summary>A connection that was served and closed in order.</summary>
    private void Finish(Connection client)
    {
        Record(client);
        Close(client);
        _clients--;
        if (_schedule is null) Connect();
    }

    /// <summary>An answer on a connection that stays open.</summary>
    private void OnAnswer(Connection client)
    {
        bool first = !client.Answered;
        if (first)
        {
            client.Answered = true;
            _answered++;
        }
        client.Busy = false;
        client.Remaining = _message.Length;
        if (_options.Kind == LoadKind.Idle) return;
        if (_schedule is null)
        {
            Record(client);
            Request(client);
            return;
        }
        // The first round trip only opened the connection.
        if (!first) Record(client);
        if (client.Queued == 0) return;
        client.Queued--;
        Request(client, client.IntendedNs + PeriodsNs(1));
    }

    private void Request(Connection client, long intendedNs = 0)
    {
        client.IntendedNs = intendedNs;
        client.Busy = true;
        if (Libc.send(client.Fd, _messageAt, (nuint)_message.Length, Libc.MsgNoSignal) != _message.Length && Libc.LastError is var error)
            Break(client, $"request: {Libc.Describe(error)}");
    }

    private void Record(Connection client)
    {
        _failuresInARow = 0;
        if (_measuring) _operations++;
        if (_latency is not null) _latency.Record(client.IntendedNs, NowNs);
    }

    /// <summary>A client's failure. What it owed is an error, and the next turn opens another.</summary>
    private void Break(Connection client, string what)
    {
        if (client.Answered) _answered--;
        if (_latency is not null && client.Busy) ForgetArrivals(client);
        Close(client);
        _clients--;
        CountError(what);
    }

    /// <summary>Whether the bytes are those of the message that are still to come.</summary>
    private bool Matches(Connection connection, byte* bytes, nint count)
    {
        if (count > connection.Remaining) return false;
        return new ReadOnlySpan<byte>(bytes, (int)count).SequenceEqual(_message.AsSpan(_message.Length - connection.Remaining, (int)count));
    }

    /// <summary>Takes what has come in and lets the kernel drop it: a copy would cost the load more than the proxy.</summary>
    /// <returns>False when the stream is over.</returns>
    private bool Discard(Connection connection)
    {
        nint received = Libc.recv(connection.Fd, _buffer, DiscardBytes, Libc.MsgTrunc | Libc.MsgDontWait);
        if (received <= 0) return received < 0 && Libc.LastError == Libc.Eagain;
        if (_measuring) _bytes += received;
        return true;
    }

    /// <returns>False when the stream is over.</returns>
    private bool SendStream(Connection connection)
    {
        long offset = 0;
        return Libc.sendfile(connection.Fd, _stream, &offset, StreamBytes) >= 0 || Libc.LastError == Libc.Eagain;
    }
}
