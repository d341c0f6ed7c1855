using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <content>What the tests are given, and what they compare.</content>
public sealed partial class RelaySpliceTests
{
    private static IoResult False(bool saysEnd) => saysEnd ? IoResult.Of(0) : IoResult.Fail(SocketError.WouldBlock);

    /// <summary>The looks that a direction makes before it stops to wait.</summary>
    private static IEnumerable<string> Fruitless()
    {
        for (int i = 1; i < RelayDirection.FruitlessMax; i++)
        {
            yield return "source receives nothing";
            yield return "source waits: Done";
        }
        yield return "source receives nothing";
    }

    private string Sent => Encoding.ASCII.GetString([.. _target.Sent]);

    /// <summary>Opens the direction and lets it earn its credit with one copied byte.</summary>
    private void OpenSplicing()
    {
        _direction.Open(_source, _target, _buffers.Shares.Open(), _pipes);
        _source.Gives("x");
        Assert.Equal(PumpResult.Waiting, Pump());
        _direction.OnReadable(SocketError.Success);
        _log.Clear();
    }

    private PumpResult Pump() => _direction.Pump();

    private void Expect(PumpResult expected, params string[] calls)
    {
        Assert.Equal(expected, Pump());
        Assert.Equal(calls, _log);
        _log.Clear();
    }
}
