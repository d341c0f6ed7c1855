using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>The header that a simulated balancer sends, in pieces: valid, invalid, or never whole. Immutable.</summary>
/// <param name="Source">The client that it names; null when it names none.</param>
internal sealed record BalancerHeader(PeerStep[] Steps, InetEndPoint? Source, InetEndPoint Destination, bool IsInvalid)
{
    public static BalancerHeader Make(Random random, int id)
    {
        InetEndPoint source = InetEndPoint.FromIPv4(0xC0000200 + (uint)id, (ushort)(4000 + id));
        InetEndPoint destination = InetEndPoint.FromIPv4(0xC6336401, 443);
        byte[] room = new byte[256];
        int length;
        switch (random.Next(8))
        {
            case 0:
                ProxyHeaderEncoder.TryWriteV2Local(room, default, out length);
                return new BalancerHeader(Split(random, room.AsSpan(0, length)), null, default, false);
            case 1:
                ProxyHeaderEncoder.TryWriteV1Unknown(room, out length);
                return new BalancerHeader(Split(random, room.AsSpan(0, length)), null, default, false);
            case 2:
                return new BalancerHeader(Split(random, "GET / HTTP/1.1\r\n"u8), null, default, true);
            case 3:
                ProxyHeaderEncoder.TryWriteV2(room, source, destination, default, out length);
                return new BalancerHeader([.. Split(random, room.AsSpan(0, random.Next(1, length))), PeerStep.Pause(random.Next(700_000)),
                    PeerStep.Close], null, default, false);
            case 4 or 5:
                ProxyHeaderEncoder.TryWriteV1(room, source, destination, out length);
                return new BalancerHeader(Split(random, room.AsSpan(0, length)), source, destination, false);
            default:
                ProxyHeaderEncoder.TryWriteV2(room, source, destination, default, out length);
                return new BalancerHeader(Split(random, room.AsSpan(0, length)), source, destination, false);
        }
    }

    private static PeerStep[] Split(Random random, ReadOnlySpan<byte> bytes)
    {
        List<PeerStep> steps = [];
        while (bytes.Length > 0)
        {
            int count = random.Next(3) == 0 ? bytes.Length : random.Next(1, bytes.Length + 1);
            steps.Add(PeerStep.SendRaw(bytes[..count].ToArray()));
            bytes = bytes[count..];
            if (random.Next(2) == 0) steps.Add(PeerStep.Pause(random.Next(60_000)));
        }
        return [.. steps];
    }
}
