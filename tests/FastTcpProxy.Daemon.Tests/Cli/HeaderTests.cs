using System.Text.Json;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary><c>header encode</c> and <c>decode</c> from outside: golden bytes and words. Each test owns its folder.</summary>
public sealed class HeaderTests : IDisposable
{
    private const string Ends = "--source 192.0.2.1:1234 --destination 198.51.100.1:25";
    private const string V2Start = "0d0a0d0a000d0a515549540a";

    private readonly TempFolder _folder = new("header");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData($"--version 1 {Ends}", "PROXY TCP4 192.0.2.1 198.51.100.1 1234 25")]
    [InlineData("--version 1", "PROXY UNKNOWN")]
    [InlineData($"{Ends}", $"{V2Start}2111000cc0000201c633640104d20019")]
    [InlineData($"{Ends} --udp", $"{V2Start}2112000cc0000201c633640104d20019")]
    [InlineData("--local", $"{V2Start}20000000")]
    [InlineData("--tlv noop=hex:0000", $"{V2Start}21000005" + "0400020000")]
    [InlineData($"{Ends} --tlv authority=mail --tlv 0xEA=hex:01:02",
        $"{V2Start}21110018c0000201c633640104d20019" + "0200046d61696c" + "ea00020102")]
    public async Task Encode_Request_IsTheGoldenHeader(string arguments, string expected)
    {
        ProcessResult result = await EncodeAsync(arguments);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(expected, result.Output.Trim());
    }

    [Fact]
    public async Task Decode_OfEncode_SaysEveryFieldAndTlv()
    {
        string whole = (await EncodeAsync($"{Ends} --tlv authority=mail --tlv 0xE5=hex:00ff --tlv "
            + "ssl=hex:0100000000210007544c5376312e33 --crc32c")).Output;

        ProcessResult result = await ProxyExecutable.RunAsync(["header", "decode"], input: whole);

        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Output.TrimEnd().Split('\n');
        Assert.Equal("source       192.0.2.1:1234", lines[4]);
        Assert.Equal("destination  198.51.100.1:25", lines[5]);
        Assert.Equal("tlv          0x02 authority, 4 bytes: \"mail\"", lines[6]);
        Assert.Equal("tlv          0xe5, 2 bytes: 00ff", lines[7]);
        Assert.Equal("tlv          0x20 ssl: client Ssl, verify 0", lines[8]);
        Assert.Equal("  tlv        0x21 ssl-version, 7 bytes: \"TLSv1.3\"", lines[9]);
        Assert.Matches(@"^tlv          0x03 crc32c, 4 bytes: [0-9a-f]{8}, right$", lines[^2]);
    }

    [Fact]
    public async Task Decode_RawFileWithPayload_AsJson()
    {
        string path = _folder["h.bin"];
        Assert.Equal(0, (await EncodeAsync($"--source unix:/a --destination unix:/b --format raw --output {path}")).ExitCode);
        await File.AppendAllTextAsync(path, "EHLO");

        ProcessResult result = await ProxyExecutable.RunAsync(["header", "decode", "--file", path, "--json"]);

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal("UNIX", json.RootElement.GetProperty("family").GetString());
        Assert.Equal("unix:/a", json.RootElement.GetProperty("source").GetString());
        Assert.Equal(232, json.RootElement.GetProperty("length").GetInt32());
        Assert.Equal(4, json.RootElement.GetProperty("payloadLength").GetInt32());
    }

    [Fact]
    public async Task Decode_TextOfVersion1_FromStandardInput()
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["header", "decode"], input: "PROXY TCP6 ::1 ::2 3 4\r\nhello");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("source       [::1]:3", result.Output);
        Assert.Contains("payload      5 bytes after the header", result.Output);
    }

    [Theory]
    [InlineData("0d0a", "incomplete: 2 bytes, expected at least 16")]
    [InlineData("474554202f20485454502f312e310d0a", "not those of a PROXY header")]
    [InlineData(V2Start + "2111000bc0000201c633640104d200", "too small for the addresses")]
    public async Task Decode_NoHeader_IsAnErrorAndExits1(string hex, string expected)
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["header", "decode", "--hex", hex]);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error: ", result.Error);
        Assert.Contains(expected, result.Error);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task Decode_MissingFile_IsAnErrorAndExits1()
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["header", "decode", "--file", _folder["none"]]);

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("decode --file")]
    [InlineData("encode --local --output")]
    public async Task File_ThatIsADirectory_IsSaidAndExits1(string arguments)
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["header", .. arguments.Split(' '), _folder.Path]);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"error: {_folder.Path}: it is a directory, expected a file", result.Error.TrimEnd());
    }

    private static Task<ProcessResult> EncodeAsync(string arguments) =>
        ProxyExecutable.RunAsync(["header", "encode", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
}
