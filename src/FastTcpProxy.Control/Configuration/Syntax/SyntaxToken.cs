using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Syntax;

/// <summary>A part of a text that is not JSON, as it was probably meant. A value.</summary>
/// <param name="Type">What it is.</param>
/// <param name="At">Where it begins.</param>
/// <param name="End">The place behind it.</param>
/// <param name="Text">The content of a text, the characters of a word; otherwise empty.</param>
/// <param name="IsWhole">
/// Whether the content is what was meant; false: its end is missing, or a character cannot be. Of the end of the text: whether all of it
/// was read; false: a comment without an end has the rest.
/// </param>
/// <param name="Follows">Whether it follows the part before it without a space.</param>
internal readonly record struct SyntaxToken(TokenType Type, Position At, Position End, string Text, bool IsWhole, bool Follows);

/// <summary>The types of a <see cref="SyntaxToken"/>.</summary>
internal enum TokenType
{
    OpenObject,
    CloseObject,
    OpenList,
    CloseList,
    Comma,
    Colon,
    Text,

    /// <summary>Anything without quotes: a number, true, false, null, or what ought to have quotes.</summary>
    Word,
    End,
}
