using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Control.Tests.Resolution;

/// <summary>The system's resolver as a table that a test changes. Any thread.</summary>
internal sealed class FakeResolver
{
    private readonly ConcurrentDictionary<string, string[]?> _answers = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lookups;
    private int _underWay;
    private int _underWayMax;

    public int Lookups => Volatile.Read(ref _lookups);

    /// <summary>The most look-ups that were ever under way at once.</summary>
    public int UnderWayMax => Volatile.Read(ref _underWayMax);

    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Whether look-ups hang until <see cref="Release"/>.</summary>
    public bool Hangs { get; init; }

    /// <summary>The answer for a name; null is a failure.</summary>
    public string[]? this[string name]
    {
        set => _answers[name] = value;
    }

    public void Release() => _release.SetResult();

    public async Task<IPAddress[]> LookUp(string name, CancellationToken stop)
    {
        int now = Interlocked.Increment(ref _underWay);
        for (int max = UnderWayMax; now > max && Interlocked.CompareExchange(ref _underWayMax, now, max) != max; max = UnderWayMax) { }
        if (Hangs) await _release.Task;
        string[]? answer = _answers.GetValueOrDefault(name);
        Interlocked.Decrement(ref _underWay);
        Interlocked.Increment(ref _lookups);
        if (answer is null) throw new SocketException((int)SocketError.HostNotFound);
        return [.. answer.Select(IPAddress.Parse)];
    }
}
