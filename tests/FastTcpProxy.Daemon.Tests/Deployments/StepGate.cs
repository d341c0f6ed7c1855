using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Deployments;

/// <summary>
/// Lies between checks and a real server, passes on what both say, and their ends, and does something once at a step of a dialogue: before
/// a connection is made to the server, or before what one of the two has said is passed on. Any thread; its base owns the sockets.
/// </summary>
internal sealed class StepGate(IPEndPoint server) : TcpUpstream(null)
{
    private volatile Step? _next;

    /// <summary>What the next dialogue that comes to a step does there.</summary>
    /// <param name="saying">What is said there; empty for the connect.</param>
    /// <param name="act">Done before it is passed on.</param>
    /// <returns>Completes when it is done.</returns>
    public Task AtAsync(string saying, Func<Task> act)
    {
        Step step = new(saying, act);
        _next = step;
        return step.Done.Task;
    }

    protected override async Task ServeAsync(Socket connection, CancellationToken stop)
    {
        await ComeToAsync("");
        using Socket onward = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await onward.ConnectAsync(server, stop);
        }
        catch (SocketException)
        {
            Reset(connection);
            return;
        }
        await Task.WhenAll(PassAsync(connection, onward, stop), PassAsync(onward, connection, stop));
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    private async Task PassAsync(Socket from, Socket to, CancellationToken stop)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await from.ReceiveAsync(buffer, stop) is > 0 and int count)
            {
                await ComeToAsync(Encoding.Latin1.GetString(buffer, 0, count));
                await to.SendAsync(buffer.AsMemory(0, count), stop);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Reset(to);
        }
    }

    private async Task ComeToAsync(string said)
    {
        if (_next is not { } step || (step.Saying.Length == 0 ? said.Length > 0 : !said.Contains(step.Saying, StringComparison.Ordinal))
            || Interlocked.CompareExchange(ref _next, null, step) != step)
            return;
        try
        {
            await step.Act();
            step.Done.SetResult();
        }
        catch (Exception e)
        {
            step.Done.SetException(e);
        }
    }

    private sealed record Step(string Saying, Func<Task> Act)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
