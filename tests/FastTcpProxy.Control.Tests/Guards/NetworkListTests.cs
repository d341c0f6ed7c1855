using System.IO.Enumeration;
using System.Text;
using CsCheck;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Tests.Guards;

/// <summary>Lists of networks as text: what is taken, and what is said of what is not.</summary>
public sealed class NetworkListTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("  192.0.2.0/24\t# all of them\r\n\r\n#\n2001:db8::/32#x\n::/0", "192.0.2.0/24 ::/0 2001:db8::/32")]
    [InlineData("\uFEFF10.0.0.0/8\n", "10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.0/104\n64:ff9b::192.0.2.1\n", "10.0.0.0/8 192.0.2.1")]
    [InlineData("# only a comment, in any script: Ω\n", "")]
    [InlineData("0.0.0.0/0\n10.0.0.0", "0.0.0.0/0 10.0.0.0")]
    [InlineData("", "")]
    public void Read_Text_Networks(string text, string networks)
    {
        NetworkList list = Read(text);
        Assert.True(list.IsSound);
        Assert.Equal(networks, string.Join(' ', list.Entries.ToArray().Select(e => e.Network)));
        Assert.All(list.Entries.ToArray(), e => Assert.Equal((NetworkAction.Allow, 7u, 9u), (e.Action, e.Number, e.Expires)));
    }

    [Theory]
    [InlineData("10.0.0.0/8\n 10.0.0.1/8", "2:2: \"10.0.0.1/8\": the address has bits beyond the prefix, did you mean \"10.0.0.0/8\"?, *")]
    [InlineData("2001:db8::1/64", "1:1: \"2001:db8::1/64\": the address has bits beyond the prefix, did you mean \"2001:db8::/64\"?, *")]
    [InlineData("10.0.0.0/33", "1:1: \"10.0.0.0/33\": the prefix has at most 32 bits, expected a network such as *")]
    [InlineData("2001:db8::/129", "1:1: \"2001:db8::/129\": the prefix has at most 128 bits, *")]
    [InlineData("10.0.0.0/", "1:1: \"10.0.0.0/\": the length of the prefix must follow the slash, *")]
    [InlineData("10.0.0.0/08", "1:1: \"10.0.0.0/08\": the length of the prefix must follow the slash, *")]
    [InlineData("10.0.0.0/999999999999", "1:1: *the length of the prefix must follow the slash, *")]
    [InlineData("10.0.0.010", "1:1: \"10.0.0.010\": this is not an IPv4 address of four numbers *")]
    [InlineData("evil.example", "1:1: \"evil.example\": this is not an IP address, *")]
    [InlineData("fe80::1%eth0", "1:1: *")]
    [InlineData("10.0.0.1:80", "1:1: *")]
    [InlineData("::ffff:10.0.0.1/104", "1:1: *an IPv4 address is written without the prefix, as 10.0.0.1*")]
    [InlineData("64:ff9b::/96", "1:1: \"64:ff9b::/96\": this counts as all of IPv4, expected \"0.0.0.0/0\" if that is meant")]
    [InlineData("10.0.0.1 evil", "1:10: a line has one address or network only, expected \"#\" before a comment")]
    [InlineData("Ω 10.0.0.1", "1:3: a line has one address or network only, *")]
    [InlineData("\0", "1:1: \"\\u0000\": this is not an IP address, *")]
    public void Read_Fault_SaysWhereAndWhat(string text, string fault)
    {
        NetworkList list = Read(text);
        Assert.Equal((1, 1, true), (list.FaultCount, list.Faults.Length, list.Entries.IsEmpty));
        string said = list.Faults[0].ToString(), pattern = fault.Replace("\\", "\\\\", StringComparison.Ordinal);
        Assert.True(FileSystemName.MatchesSimpleExpression(pattern, said), $"expected {fault}, was {said}");
    }

    [Fact]
    public void Read_SameNetworkTwice_CountsOnce()
    {
        NetworkList list = Read("10.0.0.1\n# x\n10.0.0.0/8\n10.0.0.1/32\n  ::ffff:10.0.0.1\n10.0.0.0/9");
        Assert.Equal(["10.0.0.0/8", "10.0.0.0/9", "10.0.0.1"], list.Entries.ToArray().Select(e => e.Network.ToString()));
        Assert.Equal((0, 2), (list.FaultCount, list.Repeated));
    }

    [Fact]
    public void Read_Utf16_SaysSo()
    {
        byte[] text = [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("10.0.0.1")];
        NetworkList list = NetworkListReader.Read(new MemoryStream(text), NetworkAction.Deny, 1);
        Assert.Equal(["1:1: the list is in UTF-16, expected UTF-8"], list.Faults.Select(f => f.ToString()));
    }

    [Fact]
    public void Read_ManyFaults_TheFirstOnesAreTold()
    {
        IEnumerable<string> lines = Enumerable.Range(1, 100).Select(i => i % 2 == 0 ? "x" : $"10.0.0.{i}");
        NetworkList list = Read(string.Join('\n', lines));
        Assert.Equal((50, true), (list.FaultCount, list.Entries.IsEmpty));
        Assert.Equal(Enumerable.Range(1, NetworkListReader.FaultsMax).Select(i => 2 * i), list.Faults.Select(f => f.Line));
    }

    [Fact]
    public void Read_LineAtItsLimit()
    {
        string fits = "10.0.0.1#" + new string('x', NetworkListReader.LineBytesMax - 9);
        Assert.True(Read($"{fits}\n{fits.Replace("0.1", "0.2", StringComparison.Ordinal)}\n10.0.0.3").IsSound);
        NetworkList list = Read($"10.0.0.3\n{fits}x\n10.0.0.2");
        Assert.Equal("2:1: the line has more than 65536 bytes, expected one address or network a line",
            Assert.Single(list.Faults).ToString());
    }

    [Fact]
    public void Read_MoreThanATableHas_IsRefused()
    {
        StringBuilder text = new();
        for (int i = 0; i <= NetworkTable.EntriesMax; i++) text.Append(i >> 16).Append('.').Append(i >> 8 & 255).Append('.').Append(i & 255)
            .Append(".0/24\n");
        Assert.Equal($"{NetworkTable.EntriesMax + 1}:1: the list has more than 2097152 networks",
            Assert.Single(Read(text).Faults).ToString());
    }

    [Fact]
    public void Read_FileBeyondItsLimit_IsRefusedUnread()
    {
        using (FileStream file = File.Create(_path)) file.SetLength(200_000_000);
        Assert.Equal("1:1: the file has 200000000 bytes, expected at most 134217728", Assert.Single(ReadFile().Faults).ToString());
    }

    [Fact]
    public void Read_StreamBeyondItsLimit_IsRefused()
    {
        byte[] line = Encoding.ASCII.GetBytes("#" + new string('x', 65_534) + "\n");
        using RepeatedStream stream = new(line);
        NetworkListFault fault = Assert.Single(NetworkListReader.Read(stream, NetworkAction.Deny, 1).Faults);
        Assert.Equal("the list has more than 134217728 bytes", fault.Message);
    }

    [Fact]
    public void Read_NoFile_SaysWhy()
    {
        Assert.Equal("1:1: there is no such file", Assert.Single(ReadFile().Faults).ToString());
        Assert.StartsWith("1:1: this is a directory, expected a file with one address or network a line",
            Assert.Single(NetworkListReader.Read(Path.GetTempPath(), NetworkAction.Deny, 1).Faults).ToString(), StringComparison.Ordinal);
        File.WriteAllText(_path, "");
        Assert.StartsWith("1:1: the file is empty, or a pipe or device, expected a file",
            Assert.Single(ReadFile().Faults).ToString(), StringComparison.Ordinal);
    }

    /// <summary>Wherever the pieces of a stream end, in the byte order mark too.</summary>
    [Fact]
    public void Read_AnyPieces_IsTheSame() => Gen.Int[1, 7].Sample(size =>
    {
        using SlowStream stream = new(Encoding.UTF8.GetBytes("\uFEFF10.0.0.1\n#Ω\n2001:db8::/32\n\n10.0.0.2"), size);
        NetworkList list = NetworkListReader.Read(stream, NetworkAction.Deny, 1);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "2001:db8::/32"], list.Entries.ToArray().Select(e => e.Network.ToString()));
    }, iter: 30);

    /// <summary>What a configuration takes for a network is one here, and the same; only the IPv6 forms of IPv4 are more here.</summary>
    [Fact]
    public void TryParse_AnyText_AgreesWithTheConfiguration() => Gen.OneOf(
        Gen.String[Gen.Char["0123456789abcdef.:/"], 1, 20],
        Gen.Select(Gen.UInt, Gen.Int[0, 33], (a, l) => $"{new System.Net.IPAddress(a)}/{l}"),
        Gen.Select(Gen.Byte.Array[16], Gen.Int[0, 129], (a, l) => $"{new System.Net.IPAddress(a)}/{l}")).Sample(text =>
    {
        bool isNetwork = NetworkText.TryParse(Encoding.UTF8.GetBytes(text), out Network network, out string? why);
        string? refusal = ValueText.ReadNetwork(text, out System.Net.IPNetwork expected);
        Assert.Equal(isNetwork, why is null);
        if (refusal is null) Assert.True(isNetwork, $"{text}: {why}");
        if (isNetwork && refusal is null) Assert.Equal((expected.BaseAddress, expected.PrefixLength),
            (network.Address.ToIPEndPoint().Address, network.PrefixLength));
    }, iter: 20_000);

    private static NetworkList Read(string text) =>
        NetworkListReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), NetworkAction.Allow, 7, 9);

    private static NetworkList Read(StringBuilder text) => Read(text.ToString());

    private NetworkList ReadFile() => NetworkListReader.Read(_path, NetworkAction.Deny, 1);

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(size, buffer.Length)]);
    }

    /// <summary>One line without end.</summary>
    private sealed class RepeatedStream(byte[] line) : MemoryStream(line)
    {
        public override int Read(Span<byte> buffer)
        {
            if (Position == Length) Position = 0;
            return base.Read(buffer);
        }
    }
}
