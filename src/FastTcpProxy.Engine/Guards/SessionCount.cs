namespace FastTcpProxy.Engine.Guards;

/// <summary>How many sessions there are, of a service or of the process. Any thread; one interlocked step at each end of a session.</summary>
public sealed class SessionCount
{
    private int _current;

    public int Current => Volatile.Read(ref _current);

    internal int Enter() => Interlocked.Increment(ref _current);

    internal void Leave() => Interlocked.Decrement(ref _current);
}
