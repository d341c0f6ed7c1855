using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// Objects of one loop that are used again: sessions, streams, operations. A bounded stack, last used first; what comes back beyond
/// <paramref name="retainedMax"/> is left to the collector. Belongs to one loop, so it needs no synchronization.
/// </summary>
internal sealed class LoopPool<T>(Func<T> create, int retainedMax) : ObjectPool<T>
    where T : class, IResettable
{
    private readonly Stack<T> _free = new();

    /// <summary>How many objects are out.</summary>
    public int Rented { get; private set; }

    public override T Get()
    {
        Rented++;
        return _free.TryPop(out T? item) ? item : create();
    }

    public override void Return(T obj)
    {
        Rented--;
        if (obj.TryReset() && _free.Count < retainedMax) _free.Push(obj);
    }
}
