namespace FastTcpProxy.Engine.Guards;

/// <summary>
/// An object for each loop, made when the loop first asks for it. So what a loop writes often is on no cache line that another loop writes.
/// A loop asks for its own; any thread may read all of them.
/// </summary>
internal sealed class PerLoop<T>
    where T : class, new()
{
    private T?[] _own = [];

    /// <summary>The loop's own, by the loop's number.</summary>
    public T this[int loop]
    {
        get
        {
            T?[] own = Volatile.Read(ref _own);
            return (uint)loop < (uint)own.Length && own[loop] is { } there ? there : Make(loop);
        }
    }

    /// <summary>Those that there are, in the order of the loops; null where a loop has none yet.</summary>
    public ReadOnlySpan<T?> All => Volatile.Read(ref _own);

    private T Make(int loop)
    {
        T made = new();
        while (true)
        {
            T?[] seen = Volatile.Read(ref _own);
            T?[] grown = new T?[Math.Max(seen.Length, loop + 1)];
            seen.CopyTo(grown, 0);
            grown[loop] = made;
            if (ReferenceEquals(Interlocked.CompareExchange(ref _own, grown, seen), seen)) return made;
        }
    }
}
