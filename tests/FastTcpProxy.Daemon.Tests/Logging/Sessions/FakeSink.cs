using System.Text;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Tests.Logging.Sessions;

/// <summary>A sink that takes everything, takes little at a time, fails or blocks, as the test says. Any thread.</summary>
internal sealed class FakeSink : IByteSink
{
    public const int Enospc = 28;

    private readonly Lock _lock = new();
    private readonly StringBuilder _written = new();
    private readonly ManualResetEventSlim _open = new(true);
    private int _error;
    private volatile bool _abandoned, _entered;

    /// <summary>Whether a write has begun.</summary>
    public bool IsEntered => _entered;

    public string Name => "standard output";

    /// <summary>The most that one write takes.</summary>
    public int BytesMax { get; init; } = int.MaxValue;

    /// <summary>Whether a failing sink takes this many bytes first, once.</summary>
    public int BytesBeforeError { get; set; }

    /// <summary>A line that begins so is refused for its length.</summary>
    public string? TooLong { get; init; }

    public int Writes { get; private set; }

    public string Written
    {
        get
        {
            lock (_lock) return _written.ToString();
        }
    }

    public void Fail(int error) => Volatile.Write(ref _error, error);

    public void Dispose() => _open.Dispose();

    public void Block() => _open.Reset();

    public void Unblock() => _open.Set();

    public void Abandon()
    {
        if (_open.IsSet) return;
        _abandoned = true;
        _open.Set();
    }

    public int Write(ReadOnlySpan<byte> bytes)
    {
        _entered = true;
        _open.Wait();
        if (_abandoned) return -Errno.Ecanceled;
        lock (_lock)
        {
            Writes++;
            int count = Math.Min(bytes.Length, BytesMax);
            if (TooLong is not null && bytes.StartsWith(Encoding.UTF8.GetBytes(TooLong))) return -Errno.Emsgsize;
            if (Volatile.Read(ref _error) is not 0 and int error)
            {
                if (BytesBeforeError == 0) return -error;
                count = BytesBeforeError;
                BytesBeforeError = 0;
            }
            _written.Append(Encoding.UTF8.GetString(bytes[..count]));
            return count;
        }
    }
}
