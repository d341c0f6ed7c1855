namespace FastTcpProxy.Engine.Tests;

/// <summary>Counts what code allocates on this thread. Holds nothing, any thread.</summary>
internal static class AllocatedBytes
{
    private const int Rounds = 5;

    /// <summary>
    /// The least that one of several rounds allocated. What the code itself allocates it allocates in every round; what the runtime does
    /// beside it, as when it compiles a method better, is not in all of them.
    /// </summary>
    public static long LeastOf(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
