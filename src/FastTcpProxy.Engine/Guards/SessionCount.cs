namespace FastTcpProxy.Engine.Guards;

/// <summary>
/// How many sessions the process or a service has, and how many it may have. Each loop counts in its own cell, and takes
/// permits from the rest that all share some at a time, so that a session mostly touches no word that loops share. The limit is exact: when
/// the rest is used up, a loop takes a permit that another one holds and does not use.
/// Any thread may read the counts and set the limit; a loop enters and leaves by its own number.
/// </summary>
public sealed class SessionCount
{
    /// <summary>Permits that a loop takes at once; it keeps at most twice as many that it does not use.</summary>
    internal const int Batch = 32;

    /// <summary>Without a limit: more than there can be sessions.</summary>
    private const int Unlimited = 1 << 30;

    private readonly PerLoop<Cell> _cells = new();
    // Permits that no loop holds. Below zero as long as there are more sessions than a limit that was lowered.
    private int _rest = Unlimited;
    private int _max;

    /// <summary>The sessions that there are.</summary>
    public int Current
    {
        get
        {
            int sum = 0;
            foreach (PerLoop<Cell>.Own? own in _cells.All)
            {
                if (own is not null) sum += Volatile.Read(ref own.Value.Used);
            }
            return sum;
        }
    }

    /// <summary>
    /// The sessions for a record: those of the loop now, and those of the others as they were when the loop first asked in this tick. To
    /// read the others' for each session would take their lines of memory from them. Inside the loop.
    /// </summary>
    /// <param name="loop">The loop's number.</param>
    /// <param name="tick">How often it has ticked.</param>
    internal int AtTick(int loop, long tick)
    {
        ref Cell cell = ref _cells[loop];
        if (cell.OthersTick != tick + 1) (cell.OthersTick, cell.Others) = (tick + 1, Current - cell.Used);
        return cell.Used + cell.Others;
    }

    /// <summary>How many there may be; 0: as many as come. A change holds from the next session on.</summary>
    internal int Max
    {
        get => Volatile.Read(ref _max);
        set
        {
            int before = Interlocked.Exchange(ref _max, value);
            if (before == value) return;
            Interlocked.Add(ref _rest, PermitsOf(value) - PermitsOf(before));
            // What loops hold in advance counts against the new limit.
            foreach (PerLoop<Cell>.Own? own in _cells.All)
            {
                if (own is not null) Interlocked.Add(ref _rest, Interlocked.Exchange(ref own.Value.Free, 0));
            }
        }
    }

    /// <summary>Whether there are fewer than so many. Loops' cells are read only when that is not clear from what they hold.</summary>
    internal bool IsBelow(int count) => PermitsOf(Max) - Volatile.Read(ref _rest) < count || Current < count;

    /// <summary>One more; false: there are as many as there may be.</summary>
    internal bool TryEnter(int loop)
    {
        ref Cell cell = ref _cells[loop];
        if (!TryTake(ref cell.Free) && !TryTakeSlowly(ref cell)) return false;
        Volatile.Write(ref cell.Used, cell.Used + 1);
        return true;
    }

    /// <summary>One less, by the loop that it has entered by.</summary>
    internal void Leave(int loop)
    {
        ref Cell cell = ref _cells[loop];
        Volatile.Write(ref cell.Used, cell.Used - 1);
        if (Volatile.Read(ref _rest) < 0) Interlocked.Increment(ref _rest);
        else if (Interlocked.Increment(ref cell.Free) > 2 * Batch) GiveBack(ref cell);
    }

    private static int PermitsOf(int max) => max > 0 ? max : Unlimited;

    private static bool TryTake(ref int free)
    {
        int seen = Volatile.Read(ref free);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref free, seen - 1, seen);
            if (before == seen) return true;
            seen = before;
        }
        return false;
    }

    private bool TryTakeSlowly(ref Cell own)
    {
        if (TryRefill(ref own)) return true;
        foreach (PerLoop<Cell>.Own? other in _cells.All)
        {
            if (other is not null && TryTake(ref other.Value.Free)) return true;
        }
        // Another loop may have given some back meanwhile.
        return TryRefill(ref own);
    }

    /// <summary>Takes some of the rest, fewer when it comes to its end, and one of them for the session.</summary>
    private bool TryRefill(ref Cell own)
    {
        int seen = Volatile.Read(ref _rest);
        while (seen > 0)
        {
            int taken = Math.Clamp(seen / 2, 1, Batch);
            int before = Interlocked.CompareExchange(ref _rest, seen - taken, seen);
            if (before == seen)
            {
                if (taken > 1) Interlocked.Add(ref own.Free, taken - 1);
                return true;
            }
            seen = before;
        }
        return false;
    }

    private void GiveBack(ref Cell own)
    {
        int seen = Volatile.Read(ref own.Free);
        if (seen > 2 * Batch && Interlocked.CompareExchange(ref own.Free, seen - Batch, seen) == seen) Interlocked.Add(ref _rest, Batch);
    }

    /// <summary>A loop's.</summary>
    private struct Cell
    {
        /// <summary>Permits that the loop holds and does not use. Others may take from them.</summary>
        public int Free;

        /// <summary>The loop's sessions. Only the loop writes it.</summary>
        public int Used;

        /// <summary>The sessions of the other loops at <see cref="OthersTick"/>. Only the loop uses both.</summary>
        public int Others;

        /// <summary>The number of the tick, and one; 0 before the first.</summary>
        public long OthersTick;
    }
}
