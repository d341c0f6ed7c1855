using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;

namespace FastTcpProxy.Daemon.Tests.Interop;

/// <summary>The table that every sender of headers must pass: each receiver, each version, each family. Immutable; any thread.</summary>
public static class ReceiverCases
{
    /// <summary>Each receiver with each version (1 or 2) and family (4 or 6).</summary>
    public static TheoryData<ReceiverKind, int, int> All
    {
        get
        {
            var cases = new TheoryData<ReceiverKind, int, int>();
            foreach (var kind in Enum.GetValues<ReceiverKind>())
            {
                foreach (var version in (int[])[1, 2])
                {
                    cases.Add(kind, version, 4);
                    cases.Add(kind, version, 6);
                }
            }
            return cases;
        }
    }

    /// <summary>A listener's address of the family.</summary>
    public static IPEndPoint Listen(int family) => family == 6 ? FreePort.LoopbackV6() : FreePort.Loopback();

    /// <summary>
    /// A client's address of the family. Over IPv4 not the usual 127.0.0.1, which a receiver would also report when it took the sender for
    /// the client; over IPv6 the port tells them apart.
    /// </summary>
    public static IPEndPoint Source(int family) => family == 6 ? FreePort.LoopbackV6() : FreePort.On("127.0.0.5");

    /// <summary>
    /// Asks the receiver through <paramref name="via"/> and checks that it names the true ends of the client's connection.
    /// </summary>
    public static async Task<ReceiverReport> AssertNamesClientAsync(IReceiver receiver, IPEndPoint via, IPEndPoint source)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        var report = await receiver.AskAsync(via, source);
        Assert.Equal(source, report.Client);
        if (report.Server is not null)
            Assert.Equal(via, report.Server);
        return report;
    }
}
