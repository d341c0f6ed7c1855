using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Guards;

/// <summary>
/// A value for each loop, made when the loop first asks for it. What a loop writes often is on no cache line that another loop writes or
/// reads. A loop asks for its own; any thread may read all of them.
/// </summary>
/// <typeparam name="T">Holds no references.</typeparam>
internal sealed class PerLoop<T>
    where T : unmanaged
{
    /// <summary>
    /// A cache line of most machines. Where lines are 128 bytes, the room before one value and the room after another make a whole line.
    /// </summary>
    internal const int LineBytes = 64;

    private Own?[] _own = [];

    /// <summary>The loop's own, by the loop's number.</summary>
    public ref T this[int loop]
    {
        get
        {
            Own?[] own = Volatile.Read(ref _own);
            return ref (uint)loop < (uint)own.Length && own[loop] is { } there ? ref there.Value : ref Make(loop).Value;
        }
    }

    /// <summary>Those that there are, in the order of the loops; null where a loop has none yet.</summary>
    public ReadOnlySpan<Own?> All => Volatile.Read(ref _own);

    private Own Make(int loop)
    {
        Own made = new();
        while (true)
        {
            Own?[] seen = Volatile.Read(ref _own);
            Own?[] grown = new Own?[Math.Max(seen.Length, loop + 1)];
            seen.CopyTo(grown, 0);
            grown[loop] = made;
            if (ReferenceEquals(Interlocked.CompareExchange(ref _own, grown, seen), seen)) return made;
        }
    }

    /// <summary>
    /// A loop's. The room is made of fields, because the runtime ignores the size that is stated for an object of explicit layout. Without
    /// room the array above, which every loop reads at each step, lies on the line of the value.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    internal sealed class Own
    {
        internal Line Before;
        public T Value;
        internal Line After;
    }

    [InlineArray(LineBytes / sizeof(long))]
    internal struct Line
    {
        private long _first;
    }
}
