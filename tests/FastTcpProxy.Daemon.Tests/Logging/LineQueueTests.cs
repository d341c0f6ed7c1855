using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Logging;

/// <summary>Lines for a writer that blocks. Each test owns its queue.</summary>
public sealed class LineQueueTests
{
    [Fact]
    public void Dispose_LinesWait_AllAreWrittenInOrder()
    {
        StringWriter output = new() { NewLine = "\n" };
        using (LineQueue queue = new(output, new BackgroundWork()))
        {
            for (int i = 0; i < 100; i++) queue.Add($"{i}");
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), output.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Add_WriterBlocks_NobodyWaitsAndTheLossIsSaid()
    {
        using BlockedWriter output = new();
        using LineQueue queue = new(output, new BackgroundWork());
        queue.Add("first");
        await Eventually.HoldsAsync(() => output.IsEntered, "the thread is in the writer");

        for (int i = 0; i < LineQueue.LinesMax + 7; i++) queue.Add("more");
        Assert.Equal(7, queue.Dropped);
        output.Open();

        await Eventually.HoldsAsync(() => output.ToString().Contains("(dropped here: 7 lines"), "the loss is said");
    }

    [Fact]
    public async Task Add_WriterFails_LaterLinesAreWrittenAndTheLossIsSaid()
    {
        using FailingWriter output = new() { Fails = true };
        BackgroundWork background = new();
        using LineQueue queue = new(output, background);
        queue.Add("lost");
        await Eventually.HoldsAsync(() => queue.Dropped == 1, "the line is counted");

        output.Fails = false;
        queue.Add("written");
        await Eventually.HoldsAsync(() => output.ToString().Contains("(dropped here: 1 line"), "the loss is said");
        Assert.Contains("written", output.ToString());
        Assert.Empty(background.Faults);
    }

    /// <summary>A terminal that is gone, or a full disk.</summary>
    private sealed class FailingWriter : StringWriter
    {
        private readonly Lock _lock = new();
        private volatile bool _fails;

        public bool Fails
        {
            set => _fails = value;
        }

        public override void WriteLine(string? value)
        {
            if (_fails) throw new IOException("no space left");
            lock (_lock) base.WriteLine(value);
        }

        public override string ToString()
        {
            lock (_lock) return base.ToString();
        }
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
