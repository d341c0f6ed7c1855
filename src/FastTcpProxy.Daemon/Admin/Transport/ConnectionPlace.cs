namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// A connection's place among those that may be open, and for how long the connection has been idle. It is while it has no request, and
/// while its client does not read; a request that is being answered, and a stream that has nothing to send, are not idle. Any thread.
/// </summary>
/// <param name="origin">Who has it, for people.</param>
internal sealed class ConnectionPlace(string origin, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _since = time.GetTimestamp();
    private bool _hasRequest;
    private bool _isSending;
    private bool _isEnding;
    private Action? _end;

    public string Origin => origin;

    public TimeSpan IdleTime
    {
        get
        {
            lock (_lock) return _isEnding || (_hasRequest && !_isSending) ? TimeSpan.Zero : time.GetElapsedTime(_since);
        }
    }

    /// <summary>Says how its connection is ended.</summary>
    public void Occupy(Action end)
    {
        lock (_lock)
        {
            _end = end;
            if (!_isEnding) return;
        }
        end();
    }

    /// <summary>A request has come, or was answered.</summary>
    public void SetRequest(bool isThere)
    {
        lock (_lock) (_hasRequest, _since) = (isThere, time.GetTimestamp());
    }

    /// <summary>Bytes are given to the socket, or it has taken them.</summary>
    public void SetSending(bool isSending)
    {
        lock (_lock) (_isSending, _since) = (isSending, time.GetTimestamp());
    }

    /// <summary>Ends its connection, which releases it a moment later.</summary>
    public void End()
    {
        Action? end;
        lock (_lock)
        {
            _isEnding = true;
            end = _end;
        }
        end?.Invoke();
    }
}
