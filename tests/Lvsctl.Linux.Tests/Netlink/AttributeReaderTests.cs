using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Tests.Netlink;

public class AttributeReaderTests
{
    [Fact]
    public void Numbers_are_read_in_the_byte_order_that_the_property_names()
    {
        // length 6, type 2, payload 01bb, two bytes of padding; length 8, type 3, payload 10270000.
        var reader = Read("06000200 01bb0000  08000300 10270000");

        Assert.True(reader.Next());
        Assert.Equal(2, reader.Type);
        Assert.Equal(443, reader.BigEndianU16);
        Assert.Equal(0xbb01, reader.U16);
        Assert.True(reader.Next());
        Assert.Equal(10000u, reader.U32);
        Assert.Equal(0x10270000u, reader.BigEndianU32);
        Assert.False(reader.Next());
        reader.EnsureWellFormed();
    }

    [Fact]
    public void Flag_bits_are_no_part_of_the_type()
    {
        var reader = Read("0c000180 05000100 ff000000");

        Assert.True(reader.Next());
        Assert.Equal(1, reader.Type);
        var nested = reader.Nested();
        Assert.True(nested.Next());
        Assert.Equal(0xff, nested.U8);
    }

    [Theory]
    [InlineData("03000100", "shorter than its own header")]
    [InlineData("00000100", "no length at all, which would walk in place for ever")]
    [InlineData("09000100 01020304", "longer than what is there")]
    [InlineData("ffff0100 01020304", "as long as it can claim to be")]
    public void A_length_that_does_not_fit_ends_the_walk(string hex, string because)
    {
        var reader = Read(hex);

        Assert.False(reader.Next(), because);
        Assert.True(reader.IsMalformed, because);
        Assert.False(reader.Next(), because);
    }

    [Fact]
    public void A_number_of_the_wrong_length_is_malformed_and_zero()
    {
        var reader = Read("06000100 01020000 08000200 01000000");
        Assert.True(reader.Next());

        Assert.Equal(0u, reader.U32);

        Assert.True(reader.IsMalformed);
        Assert.False(reader.Next());
    }

    [Fact]
    public void A_tail_shorter_than_a_header_is_padding()
    {
        var reader = Read("04000100 0000");

        Assert.True(reader.Next());
        Assert.True(reader.Payload.IsEmpty);
        Assert.False(reader.Next());
        Assert.False(reader.IsMalformed);
    }

    [Theory]
    [InlineData("07000100 727200 00", "rr")]
    [InlineData("06000100 7272 0000", "rr")]
    [InlineData("05000100 00 000000", "")]
    [InlineData("04000100", "")]
    [InlineData("06000100 72ff 0000", "r\ufffd")]
    public void Text_ends_at_the_first_NUL_or_with_the_attribute(string hex, string expected)
    {
        var reader = Read(hex);
        Assert.True(reader.Next());

        Assert.Equal(expected, reader.Text);
    }

    static AttributeReader Read(string hex) => new(Convert.FromHexString(hex.Replace(" ", "")));
}
