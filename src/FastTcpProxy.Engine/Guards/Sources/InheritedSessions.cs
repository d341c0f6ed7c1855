using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// The sessions of a generation that drains, counted in the table of the process that has taken over for as long as they last. So the
/// limits hold for both together. One thread at a time.
/// </summary>
/// <param name="table">Where they are counted.</param>
public sealed class InheritedSessions(SourceTable table)
{
    private readonly Dictionary<SourceKey, Stack<SourceHandle>> _held = [];

    /// <summary>Sources that still have a session there.</summary>
    public int Sources => _held.Count;

    /// <summary>So many sessions has the source there now, as <see cref="SourceRecord.Sessions"/> says; 0: none any more.</summary>
    public void Set(in SourceKey key, int sessions, long nowUs)
    {
        if (sessions == 0 && !_held.ContainsKey(key)) return;
        ref Stack<SourceHandle>? handles = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, key, out _);
        handles ??= new Stack<SourceHandle>(sessions);
        while (handles.Count < sessions) handles.Push(table.Adopt(key, nowUs));
        while (handles.Count > sessions) table.Release(handles.Pop(), nowUs);
        if (sessions == 0) _held.Remove(key);
    }

    /// <summary>The generation has ended.</summary>
    public void Clear(long nowUs)
    {
        foreach (Stack<SourceHandle> handles in _held.Values)
        {
            while (handles.TryPop(out SourceHandle handle)) table.Release(handle, nowUs);
        }
        _held.Clear();
    }
}
