using System.Net.Sockets;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>
/// Nothing of the administrative interface runs on the threads that carry traffic, on which the runtime completes what waits. It reads that
/// setting before the first socket, and tests that block would starve such threads, so these run themselves in a process of their own that
/// has it.
/// </summary>
public sealed class AdminThreadTests
{
    private const string Setting = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private static bool IsInline => Environment.GetEnvironmentVariable(Setting) == "1";

    [Fact]
    public async Task Interface_WithInlineCompletions_RunsOnThePool()
    {
        Assert.SkipWhen(IsInline, "this is the process with the setting");
        string program = Path.ChangeExtension(typeof(AdminThreadTests).Assembly.Location, null);

        ProcessResult result = await ChildProcess.RunAsync(program, ["-noColor", "-class", typeof(AdminThreadTests).FullName!],
            environment: new Dictionary<string, string?> { [Setting] = "1" }, within: 2 * Deadline.Patient);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("Total: 7, Errors: 0, Failed: 0, Skipped: 1", result.Output);
    }

    [Fact]
    public async Task Runtime_CompletesOnItsSocketThreads()
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        using SocketPair pair = new();
        byte[] buffer = new byte[1];

        ValueTask<int> received = pair.Left.ReceiveAsync(buffer.AsMemory());
        Task<bool> onPool = Observe(received);
        pair.Right.Send([1]);

        bool isOnPool = await onPool;
        // The rest of this test, and what runs after it, may block: off the thread that completes the operations of all the others.
        await Task.Yield();

        Assert.False(isOnPool, "completions are not inline here: the tests below would prove nothing");

        static async Task<bool> Observe(ValueTask<int> received)
        {
            await received;
            return Thread.CurrentThread.IsThreadPoolThread;
        }
    }

    [Fact]
    public async Task Receive_ThatWaited_GoesOnOnThePool()
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        using SocketPair pair = new();
        using SocketOperation operation = new();

        Task<(int, bool)> received = Observe(operation.ReceiveAsync(pair.Left, new byte[1]));
        Assert.False(received.IsCompleted);
        pair.Right.Send([1]);

        Assert.Equal((1, true), await received.WaitAsync(Deadline.Patient));
    }

    [Fact]
    public async Task Receive_WhenTheSocketCloses_FailsOnThePool()
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        using SocketPair pair = new();
        using SocketOperation operation = new();

        Task<(int, bool)> received = Observe(operation.ReceiveAsync(pair.Left, new byte[1]));
        pair.Left.Dispose();

        Assert.Equal((SocketOperation.Failed, true), await received.WaitAsync(Deadline.Patient));
        Assert.Equal(SocketError.OperationAborted, operation.SocketError);
    }

    [Fact]
    public async Task Send_ThatWaited_GoesOnOnThePool()
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        using SocketPair pair = new();
        using SocketOperation operation = new();
        byte[] bytes = new byte[4 * 1024 * 1024];

        Task<(int, bool)> sent = Observe(operation.SendAsync(pair.Left, bytes));
        Assert.False(sent.IsCompleted);
        byte[] buffer = new byte[64 * 1024];
        for (int all = 0; all < bytes.Length;) all += pair.Right.Receive(buffer);

        Assert.Equal((bytes.Length, true), await sent.WaitAsync(Deadline.Patient));
    }

    [Fact]
    public async Task Accept_ThatWaited_GoesOnOnThePool()
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        using TempFolder folder = new("thread");
        using AdminSocket listener = AdminSocket.Bind(folder["s"]);
        using SocketOperation operation = new();

        Task<(int, bool)> accepted = Observe(operation.AcceptAsync(listener.Socket));
        Assert.False(accepted.IsCompleted);
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(folder["s"]));

        Assert.Equal((0, true), await accepted.WaitAsync(Deadline.Patient));
        operation.AcceptSocket!.Dispose();
    }

    [Fact]
    public async Task Request_IsHandledOnThePool()
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        FakeStatus status = new(FakeStatus.Mail);
        await using AdminBed bed = await AdminBed.StartAsync(status);

        string answer = await bed.AskAsync("GET /v1/status");
        await Task.Yield();

        AdminBed.Body(answer, 200);
        Assert.True(status.AskedOnPool);
    }

    private static async Task<(int Result, bool OnPool)> Observe(ValueTask<int> operation)
    {
        int result = await operation.ConfigureAwait(false);
        return (result, Thread.CurrentThread.IsThreadPoolThread);
    }

    /// <summary>Two ends of a connection.</summary>
    private sealed class SocketPair : IDisposable
    {
        public SocketPair()
        {
            using TempFolder folder = new("pair");
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(folder["s"]));
            listener.Listen();
            Left.Connect(new UnixDomainSocketEndPoint(folder["s"]));
            Right = listener.Accept();
        }

        public Socket Left { get; } = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public Socket Right { get; }

        public void Dispose()
        {
            Left.Dispose();
            Right.Dispose();
        }
    }
}
