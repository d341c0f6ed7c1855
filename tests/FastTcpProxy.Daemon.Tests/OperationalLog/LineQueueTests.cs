using FastTcpProxy.Daemon.OperationalLog;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.OperationalLog;

/// <summary>Lines for a writer that blocks. Each test owns its queue.</summary>
public sealed class LineQueueTests
{
    [Fact]
    public void Dispose_LinesWait_AllAreWrittenInOrder()
    {
        StringWriter output = new() { NewLine = "\n" };
        using (LineQueue queue = new(output))
        {
            for (int i = 0; i < 100; i++) queue.Add($"{i}");
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), output.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Add_WriterBlocks_NobodyWaitsAndTheLossIsSaid()
    {
        using BlockedWriter output = new();
        using LineQueue queue = new(output);
        queue.Add("first");
        await Eventually.HoldsAsync(() => output.IsEntered, "the thread is in the writer");

        for (int i = 0; i < LineQueue.LinesMax + 7; i++) queue.Add("more");
        Assert.Equal(7, queue.Dropped);
        output.Open();

        await Eventually.HoldsAsync(() => output.ToString().Contains("(7 lines were dropped here"), "the loss is said");
    }

    private sealed class BlockedWriter : StringWriter
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly Lock _lock = new();
        private volatile bool _entered;

        public bool IsEntered => _entered;

        public void Open() => _open.Set();

        public override void WriteLine(string? value)
        {
            _entered = true;
            _open.Wait();
            lock (_lock) base.WriteLine(value);
        }

        public override string ToString()
        {
            lock (_lock) return base.ToString();
        }
    }
}
