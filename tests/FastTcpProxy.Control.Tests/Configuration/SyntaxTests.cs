using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>What is no JSON, or JSON of another shape, gives one error at the place of the fault, whatever else there is.</summary>
public sealed class SyntaxTests
{
    [Theory]
    [InlineData("", 1, 1, "C011", "the file has nothing but blanks or comments")]
    [InlineData(" \n\t\r\n", 1, 1, "C011", "the file has nothing but blanks or comments")]
    [InlineData("// only a comment\n", 1, 1, "C011", "the file has nothing but blanks or comments")]
    [InlineData("/* only a comment */", 1, 1, "C011", "the file has nothing but blanks or comments")]
    [InlineData("hello", 1, 1, "C010", "the file begins with \"hello\", expected JSON that begins with '{'")]
    [InlineData("services:\n  - name: s\n", 1, 1, "C010", "this looks like YAML, expected JSON that begins with '{'")]
    [InlineData("{ \"services\": ", 1, 15, "C010", "the file ends inside the object that begins at line 1, column 1, write '}'")]
    [InlineData("{\n  \"services\": [\n", 3, 1, "C010",
        "the file ends inside the list that begins at line 2, column 15, write ']', and one")]
    [InlineData("{} {}", 1, 4, "C010", "a second object begins after the end of the first")]
    [InlineData("{\n  \"a\" 1 }", 2, 6, "C010", "':' is missing here, between the key \"a\" and 1")]
    [InlineData("{\n  \"é𝕏\" 1 }", 2, 7, "C010", "':' is missing here")]
    [InlineData("{ \"a\": 01 }", 1, 8, "C010", "01 is not a number of JSON, write 1")]
    [InlineData("{ 'a': 1 }", 1, 3, "C010", "' is not a quote of JSON, write \"")]
    [InlineData("{ \"a\": \"\\x\" }", 1, 9, "C010", "\\x is no escape of JSON")]
    [InlineData("{ \"a\": \"\\ud800\" }", 1, 8, "C010", "the text contains a \\u escape that is not a character")]
    [InlineData("{ \"\\udc00\": 1 }", 1, 3, "C010", "the text contains a \\u escape that is not a character")]
    [InlineData("{ \"a\": \"\0\" }", 1, 9, "C010", "a text holds U+0000 (NUL) as it is")]
    [InlineData("\0", 1, 1, "C010", "the character U+0000 (NUL) is not part of JSON, remove it")]
    [InlineData("{ \"a\": 1,, }", 1, 10, "C010", "',' stands without a value before it, remove it")]
    [InlineData("{ \"a\": [1 }", 1, 10, "C010", "the list that begins at line 1, column 8 is not closed before '}', write ']' here")]
    [InlineData("/* no end", 1, 1, "C010", "the comment that begins here has no end")]
    [InlineData("[]", 1, 1, "C022", "the file is a list, expected an object")]
    [InlineData("null", 1, 1, "C022", "the file is null, expected an object")]
    [InlineData("\n 12", 2, 2, "C022", "the file is the number 12, expected an object")]
    [InlineData("{}", 1, 1, "C021", "the file has no key \"services\", expected it, for example \"services\": [")]
    [InlineData("{ \"services\": [] }", 1, 15, "C033", "services is empty, expected 1 to 1024 items")]
    public void Parse_FaultyText_IsOneErrorAtTheFault(string text, int line, int column, string code, string says)
    {
        ConfigurationResult result = Given.Parse(text);

        // Where the rest can be read, it has mistakes of its own: keys that are unknown, or absent.
        ConfigurationError error = Assert.Single(result.Errors, error => error.Code == code);
        Assert.Null(result.Configuration);
        Assert.Equal((Given.FileName, line, column, code), (error.File, error.Line, error.Column, error.Code));
        Assert.StartsWith(says, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Parse_ByteOrderMark_IsSkipped()
    {
        byte[] bytes = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Given.Service())];

        Assert.Empty(ConfigurationLoader.Parse(bytes, Given.FileName).Errors);
        Assert.Equal("C011", Assert.Single(ConfigurationLoader.Parse(bytes.AsSpan(0, 3), Given.FileName).Errors).Code);
        ConfigurationError fault = Assert.Single(ConfigurationLoader.Parse([.. Encoding.UTF8.Preamble, (byte)'x'], Given.FileName).Errors);
        Assert.Equal((1, 1), (fault.Line, fault.Column));
    }

    [Fact]
    public void Parse_InvalidUtf8_IsErrorAtTheByte()
    {
        byte[] bytes = [.. "{\n  \"é"u8, 0xFF, .. "\": 1 }"u8];

        ConfigurationError error = Assert.Single(ConfigurationLoader.Parse(bytes, Given.FileName).Errors);

        Assert.Equal(("C012", 2, 5), (error.Code, error.Line, error.Column));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0x00 })]
    [InlineData(new byte[] { 0x1F, 0x8B, 0x08, 0x00 })]
    public void Parse_OtherEncodings_AreNotUtf8(byte[] bytes) =>
        Assert.Equal("C012", Assert.Single(ConfigurationLoader.Parse(bytes, Given.FileName).Errors).Code);

    [Fact]
    public void Parse_DepthAtLimit_IsReadAndAboveIsError()
    {
        // The unknown key holds lists: one level is the object around it.
        string Nested(int depth) => Given.Root("\"x\": " + new string('[', depth - 1) + new string(']', depth - 1));

        Assert.Equal("C020", Given.OnlyError(Nested(ConfigurationLimits.DepthMax)).Code);
        ConfigurationError error = Given.OnlyError(Nested(ConfigurationLimits.DepthMax + 1));
        Assert.Equal("C013", error.Code);
        Assert.Contains("deeper than 16", error.Message);
        Assert.Equal("C013", Given.OnlyError(new string('[', 1_000_000)).Code);
        Assert.Equal("C013", Given.OnlyError(string.Concat(Enumerable.Repeat("{\"a\":", 100_000))).Code);
    }

    [Fact]
    public void Parse_DuplicateKey_NamesBothPlaces()
    {
        ConfigurationError error = Given.OnlyError(Given.Service("\n  \"mode\": \"raw\",\n  \"mode\": \"proxy-v2\""));

        Assert.Equal("test.json:3:3: error C014: key \"mode\" is already given at line 2, column 3, expected each key once",
            error.ToString());
    }

    [Fact]
    public void Parse_DuplicateKeyWrittenWithEscape_IsFound() =>
        Assert.Equal("C014", Given.OnlyError(Given.Service("\"mode\": \"raw\", \"\\u006dode\": \"raw\"")).Code);

    [Theory]
    [InlineData("conectTimeout", "did you mean \"connectTimeout\"?")]
    [InlineData("ConnectTimeout", "did you mean \"connectTimeout\"?")]
    [InlineData("connect_timeout", "did you mean \"connectTimeout\"?")]
    [InlineData("upstream", "did you mean \"upstreams\"?")]
    [InlineData("maxSesions", "did you mean \"maxSessions\"?")]
    [InlineData("sni", "expected \"name\", \"listen\", \"mode\"")]
    public void Parse_UnknownKey_IsErrorWithTheNearest(string key, string says)
    {
        ConfigurationError error = Given.OnlyError(Given.Service($"\"{key}\": 1"));

        Assert.Equal("C020", error.Code);
        Assert.StartsWith($"services[0] has the unknown key \"{key}\", {says}", error.Message);
    }

    [Fact]
    public void Parse_HostileKey_IsShortAndPrintable()
    {
        ConfigurationError error = Given.OnlyError(Given.Service("\"\\u001b[31m\\n\\u202e" + new string('x', 100_000) + "\": 1"));

        Assert.InRange(error.Message.Length, 1, 600);
        Assert.Contains("\\u001b[31m\\u000a\\u202exxx", error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }
}
